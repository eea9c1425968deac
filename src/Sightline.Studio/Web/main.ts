// The studio's pages work without this script, but for curves, the grid of pictures and trying a picture.
import { startClock, startCopying } from "./bits";
import { startCurves } from "./curves";
import { startDrop } from "./drop";
import { startGrid } from "./grid";
import { startKeys } from "./review";

startCopying();
startClock();
startCurves();
startGrid();
startKeys();
startDrop();
