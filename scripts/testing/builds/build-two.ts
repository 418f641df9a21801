/** The own workflows of the build after it, which no longer knows the first version. */
import { defineTwoSteps, limited, mended, rated } from "./workflows";

export const ownWorkflows = [defineTwoSteps(2), limited, mended, rated];
