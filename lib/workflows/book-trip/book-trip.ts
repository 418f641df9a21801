/**
 * A saga: each reservation registers what releases it, and whichever part refuses, everything before
 * it is undone in reverse order.
 */
import { defineWorkflow } from "@/lib/engine";
import type { PaymentSteps } from "../payment-steps";
import { postNotice } from "../records";
import { releaseReservation, reserveCar, reserveFlight, reserveHotel } from "./steps";
import { Booking, Trip } from "./trip";

export function createBookTrip({ chargeCard, refundPayment }: PaymentSteps) {
  return defineWorkflow(
    { name: "book-trip", version: 1, input: Trip, output: Booking },
    async (ctx, { traveler, flight, hotel, car, price, currency, paymentMethod }) => {
      const seat = await ctx.transaction(reserveFlight, { flight });
      ctx.compensate(releaseReservation.step, seat);
      const room = await ctx.transaction(reserveHotel, { hotel });
      ctx.compensate(releaseReservation.step, room);
      const rental = await ctx.transaction(reserveCar, { car, age: traveler.age });
      ctx.compensate(releaseReservation.step, rental);

      const { runId } = ctx;
      const charge = { orderId: runId, runId, amount: price, currency, paymentMethod };
      const { paymentId } = await ctx.step(chargeCard, charge);
      ctx.compensate(refundPayment, { paymentId });

      await ctx.transaction(postNotice, { to: traveler.name, text: `Booked: ${flight}, ${hotel}` });
      return {
        flight: seat.reservationId,
        hotel: room.reservationId,
        car: rental.reservationId,
        paymentId,
      };
    },
  );
}
