/** A process that keeps regions, and prints how it had each: `node keep-regions.ts DIRECTORY FUNCTIONS [checked]`. */
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
process.stdout.write(
  JSON.stringify(Array.from({ length: Number(count) }, (_, number) => guest.regionsOf(number))),
);
