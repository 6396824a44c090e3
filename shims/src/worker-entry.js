/**
 * @module The worker that `runWorker` starts when it is given none.
 */
import { serve } from "./serve.js";

serve();
