// The studio's pages work without this script, but for curves, the grid of pictures and trying a picture.
import { startClock, startCopying } from "./bits";
import { startCurves } from "./curves";
import { startDrop } from "./drop";
import { startFragments } from "./fragments";
import { startGrid } from "./grid";
import { startJob } from "./jobs";
import { startMap } from "./map";
import { startKeys } from "./review";
import { startThresholds } from "./thresholds";
import { startPlan } from "./train";

startCopying();
startClock();
startCurves();
startGrid();
startKeys();
startDrop();
startFragments();
startThresholds();
startMap();
startPlan();
startJob();
