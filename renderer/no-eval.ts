// Comes first: schemas are read without compiling code, which the doors' content policy does not allow.
import { z } from 'zod';

z.config({ jitless: true });
