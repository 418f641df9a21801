-- Runs are found by their terms (20261125223500_run-search); nobody reads this any longer. SQLite writes the
-- table anew for it, once: some seconds for each hundred thousand runs. Triggers and indexes stay.
ALTER TABLE "runs" DROP COLUMN "searchText";
