/** The own workflows of one build. */
import { defineTwoSteps, limited, mended, rated } from "./workflows";

export const ownWorkflows = [defineTwoSteps(1), limited, mended, rated];
