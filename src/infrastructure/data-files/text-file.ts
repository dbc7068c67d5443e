import { open, type FileHandle } from 'node:fs/promises';
import type { UnfinishedFile } from '../../application/ports/data-files.ts';
import { discardFile, finishFile, mustNotExist, unfinishedName } from './unfinished-name.ts';

export class TextFile implements UnfinishedFile<string> {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<TextFile> {
    await mustNotExist(path);
    return new TextFile(path, await open(unfinishedName(path), 'w'));
  }

  async write(part: string): Promise<void> {
    await this.#file.writeFile(part);
  }

  async finish(): Promise<number> {
    await this.#file.close();
    return finishFile(this.#path);
  }

  async discard(): Promise<void> {
    await this.#file.close();
    await discardFile(this.#path);
  }
}
