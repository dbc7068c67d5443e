import { mutantsOf } from '../mutant.ts';

/** Faults in recording, replay and travel. */
const recordings = 'src/application/recording';

// prettier-ignore
export const recording = mutantsOf('recording', {
  [`${recordings}/recording-host.ts`]: [
    ['reply-at-the-wrong-count', 'icount: this.#icount(),', 'icount: this.#icount() + 1,'],
    ['replies-taken-twice', '    this.#replies = [];\n    this.#blobs = [];\n    return taken;', '    this.#blobs = [];\n    return taken;'],
    ['contents-not-kept', '        this.#blobs.push(kept);\n', ''],
  ],
  [`${recordings}/host-reply.ts`]: [
    ['requests-without-contents', 'if (value instanceof Uint8Array) return { bytes: hash(value), length: value.length };', 'if (value instanceof Uint8Array) return { length: value.length };'],
    ['errors-are-replies', "if (!reply.ok) return { ok: false, error: reply.error };", "if (!reply.ok) return { ok: false, error: 'EIO' };"],
    ['value-not-recorded', '...(value !== undefined && { value }),\n    ...(stat !== undefined && {\n      stat: {', '...(stat !== undefined && {\n      stat: {'],
    ['file-size-not-recorded', 'size: stat.size,', 'size: 0,'],
    ['key-order-matters', '  entries.sort(([a], [b]) => (a < b ? -1 : 1));\n  return entries.map', '  return entries.map'],
  ],
  [`${recordings}/replayed-host.ts`]: [
    ['any-count-is-right', 'expected.icount !== icount || expected.call', 'expected.call'],
    ['any-request-is-right', ' || expected.request !== found)', ')'],
    ['reply-given-twice', '    this.#next++;\n    this.#given++;', '    this.#given++;'],
    ['output-without-limit', 'request.bytes.subarray(0, expected.reply.value ?? request.bytes.length)', 'request.bytes.subarray(0, 1)'],
    ['rewind-to-the-start', '  rewind(position: number): void {\n    this.#next = position;', '  rewind(position: number): void {\n    this.#next = position && 0;'],
  ],
  [`${recordings}/point-check.ts`]: [
    ['digest-not-compared', "if (recorded.digest !== digest) return", "if (recorded.digest === '') return"],
    ['chain-not-compared', 'if (recorded.chain !== this.#chain)', "if (recorded.chain === '')"],
    ['checkpoint-not-compared', 'if (next.value !== snapshot)', "if (snapshot === '')"],
    ['status-not-compared', "expect('status', printed(status), printed(machine.status));", ''],
    ['pending-request-not-noticed', 'if (asked !== undefined)\n      expect(', 'if (asked === null)\n      expect('],
  ],
  [`${recordings}/checkpoint.ts`]: [
    ['pages-shifted', 'content.slice((slot + page) * pageSize, (slot + page + 1) * pageSize)', 'content.slice(slot * pageSize, (slot + 1) * pageSize)'],
  ],
  [`${recordings}/checkpoint-writer.ts`]: [
    ['changed-pages-not-noticed', '(before === read(page) || samePage(before, read(page)))', 'read(page).length > 0'],
    ['marks-not-compared', 'now.every((word, at) => word === mark[at])', 'now.length === mark.length'],
    ['untouched-since-another-image', 'image.before !== undefined && image.before === this.#image', 'image.before !== undefined'],
    ['untouched-since-a-snapshot', '    this.#image = undefined;\n    return encoded;', '    return encoded;'],
    ['pages-gone-stay-placed', '        this.#placed.delete(page);\n        this.#marks.delete(page);\n', ''],
    ['groups-left-are-kept', '    this.#groups.clear();\n', ''],
    ['groups-begin-together', 'contents.subarray(at, (at += members.length * pageSize))', 'contents.subarray(0, members.length * pageSize)'],
    ['runs-joined-across-groups', 'index === group && ', ''],
    ['runs-joined-across-slots', ' && place[1] === slot', ''],
    ['pages-keep-old-numbers', '        this.#placed.set(page, place);\n', ''],
    ['attachments-not-stored', '      yield bytes;\n', ''],
  ],
  ['src/application/pages/page-contents.ts']: [
    ['page-compare-stops-early', 'at < left.length;', 'at < 4;'],
    ['zero-test-stops-early', 'at < content.length;', 'at < 4;'],
  ],
  ['src/application/pages/digest-words.ts']: [
    ['digest-sum-without-carry', 'carry = Math.floor(value / 2 ** 32);', 'carry = 0 * value;'],
  ],
  ['src/application/pages/page-set.ts']: [
    ['pages-counted-twice', '    if ((chunk[word]! & bit) !== 0) return;\n', ''],
  ],
  ['src/application/pages/page-records.ts']: [
    ['records-stay-when-deleted', '    chunk[at] = 0;\n', '    chunk[at] = 1;\n'],
  ],
  ['src/application/linux/followed-memories.ts']: [
    ['changes-since-an-image-not-counted', 'if (this.#sinceImage) for (const page of dirty) this.#sinceImage.add(page);', ''],
    ['images-go-on-over-a-restore', '    this.#image = undefined;\n', ''],
    ['new-memories-are-untouched', '.changed?.has(page % pagesPerSpace) === false', '.changed?.has(page % pagesPerSpace) !== true'],
  ],
  [`${recordings}/plain-data.ts`]: [
    ['fields-taken-from-elsewhere', '      before.objectsBefore === objectsBefore &&\n', ''],
    ['changed-fields-taken-over', 'before?.value === item &&', 'before &&'],
    ['attachments-of-fields-lost', '      attachments.push(...before.attachments);\n', ''],
  ],
  ['src/application/linux/state-copies.ts']: [
    ['copies-made-once', 'if (work !== this.#work) {', 'if (this.#work < 0) {'],
  ],
  [`${recordings}/journal.ts`]: [
    ['events-before-blobs', '      if (blobs.length > 0) await this.#stores.blobs.putMany(blobs);\n      if (events.length > 0) await this.#append(events);', '      if (events.length > 0) await this.#append(events);\n      if (blobs.length > 0) await this.#stores.blobs.putMany(blobs);'],
    ['failures-forgotten', 'this.#failure = { cause };', 'this.#failure = undefined;'],
  ],
  [`${recordings}/replayer.ts`]: [
    ['runs-past-the-replies', 'this.#safeUntil = portion.safeUntil;', 'this.#safeUntil = portion.safeUntil + 1000;'],
    ['seek-stops-before', 'if (point === undefined || point.icount > icount) break;', 'if (point === undefined || point.icount >= icount) return;'],
    ['restores-without-replies', '    this.host.rewind(mark.position);\n', ''],
  ],
  [`${recordings}/first-difference.ts`]: [
    ['bisection-keeps-the-wrong-half', '      low = middle;\n      marks', '      high = middle;\n      marks'],
    ['bisection-does-not-go-back', '      high = middle;\n      goBack();', '      high = middle;'],
  ],
  'src/domain/virtual-machine/schedule.ts': [
    ['digest-points-drift', '(Math.floor(icount / distance) + 1) * distance', 'icount + distance'],
    ['pages-cost-nothing', 'executed * pagesPerInterval >= changedPages * shortest', 'executed > 0'],
    ['chain-without-the-past', "${previous ?? 'start'}", 'start'],
  ],
  'src/application/travel/time-machine.ts': [
    ['travel-without-replies', '    this.#window.goTo(replies);\n', ''],
    ['travel-runs-past', 'const safe = await this.#window.reach(from, icount);', 'await this.#window.reach(from, icount);\n      const safe = icount + 1;'],
  ],
  'src/application/travel/reply-window.ts': [
    ['window-not-moved', '      this.#base += this.#host.position;\n', ''],
    ['window-reaches-too-far', 'if (next - 1 > icount) return next - 1;', 'if (next > icount) return next + 1;'],
  ],
  'src/application/travel/recording-index.ts': [
    ['checkpoint-after-the-instant', 'if (sorted[middle]!.icount <= icount) low', 'if (sorted[middle]!.icount <= icount + 1) low'],
    ['replies-of-checkpoints-not-counted', 'replies: icounts.length,', 'replies: 0,'],
  ],
});
