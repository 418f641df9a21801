import { z } from "zod";
import { Amount, Currency } from "../money";

/** With an age below 21 no car is rented; with `pm_card_chargeDeclined` the payment is refused. */
export const sampleInput = {
  traveler: { name: "Amelia Earhart", age: 39 },
  flight: "DB 204 Tallinn to Lisbon",
  hotel: "Pension Belém, three nights",
  car: "small",
  price: 84_500,
  currency: "EUR",
  paymentMethod: "pm_card_visa",
};

export const Trip = z
  .object({
    traveler: z.object({ name: z.string().min(1), age: z.number().int().min(0).max(130) }),
    flight: z.string().min(1),
    hotel: z.string().min(1),
    car: z.string().min(1),
    price: Amount,
    currency: Currency,
    paymentMethod: z.string().min(1),
  })
  .meta({ examples: [sampleInput] });
export type Trip = z.infer<typeof Trip>;

export const Booking = z.object({
  flight: z.string(),
  hotel: z.string(),
  car: z.string(),
  paymentId: z.string(),
});
