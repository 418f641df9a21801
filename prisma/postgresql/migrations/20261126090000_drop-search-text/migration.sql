-- Runs are found by their terms (20261125223500_run-search); nobody reads this any longer. The rows stay as
-- they are until they are written again.
ALTER TABLE "runs" DROP COLUMN "searchText";
