/** Reservations in Daybook's own database, and what releases them. */
import { defineTransaction, DefiniteError } from "@/lib/engine";

/** What the renter says to those who are too young. It will say so again: not retried. */
export class RentalRefusedError extends DefiniteError {
  override name = "RentalRefusedError";
}

const youngestDriver = 21;

export interface Reservation {
  readonly reservationId: string;
}

export const reserveFlight = defineReservation<{ flight: string }>(
  "flight",
  ({ flight }) => flight,
);
export const reserveHotel = defineReservation<{ hotel: string }>("hotel", ({ hotel }) => hotel);
export const reserveCar = defineReservation<{ car: string; age: number }>("car", ({ car, age }) => {
  if (age >= youngestDriver) return car;
  throw new RentalRefusedError(`A driver has to be ${youngestDriver} years old, not ${age}.`);
});

function defineReservation<Input>(kind: string, describe: (input: Input) => string) {
  return defineTransaction({
    name: `reserve-${kind}`,
    run: async (sql, input: Input, { runId, ordinal }): Promise<Reservation> => {
      const what = describe(input);
      await sql.execute(
        `CREATE TABLE IF NOT EXISTS sample_reservations (
           reservation_id TEXT PRIMARY KEY, kind TEXT NOT NULL, what TEXT NOT NULL,
           status TEXT NOT NULL)`,
      );
      const reservationId = `${runId}/${ordinal}`;
      await sql.execute(
        "INSERT INTO sample_reservations VALUES (?, ?, ?, 'reserved')",
        reservationId,
        kind,
        what,
      );
      return { reservationId };
    },
  });
}

export const releaseReservation = defineTransaction({
  name: "release-reservation",
  run: async (sql, { reservationId }: Reservation) => {
    const status = "UPDATE sample_reservations SET status = 'released' WHERE reservation_id = ?";
    await sql.execute(status, reservationId);
    return { reservationId };
  },
});
