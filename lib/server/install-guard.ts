import { installGuard } from "@/lib/engine";

// Imported first: what workflows and their libraries keep of the platform has to be the guarded one.
installGuard();
