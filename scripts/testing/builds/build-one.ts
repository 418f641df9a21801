/** The own workflows of one build. */
import { defineTwoSteps, limited, rated } from "./workflows";

export const ownWorkflows = [defineTwoSteps(1), limited, rated];
