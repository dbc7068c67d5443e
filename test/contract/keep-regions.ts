/** A process that keeps regions: `node keep-regions.ts DIRECTORY FUNCTIONS [checked]`. */
import { KeptGuest, keeping } from './kept-guest.ts';

const [directory = '', count = '', memory] = process.argv.slice(2);
const { kept, engine } = keeping(directory, memory === 'checked' ? { memory } : {});
const guest = new KeptGuest({ engine });
for (let number = 0; number < Number(count); number++) {
  guest.place(number);
  guest.call(number);
}
kept.optimise();
kept.save();
