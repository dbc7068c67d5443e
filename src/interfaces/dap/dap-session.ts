import { DebugSession, Event, InitializedEvent, Response, TerminatedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Debugger, type DebuggedGuest, type Stopped } from './debugger.ts';
import { type Answer, requests } from './requests.ts';

/** The number that DAP clients know an error of ours by; its text says which it is. */
const errorId = 1;

/**
 * Answers one client of the Debug Adapter Protocol. Requests are served one after the other, in order; `pause` and the end
 * of the connection interrupt the one that is running.
 */
export class DapSession extends DebugSession {
  readonly #debugger: Debugger;
  #working: Promise<void> = Promise.resolve();
  readonly #ended: () => void;

  /** `ended`: the client has gone or asked to end. */
  constructor(guest: DebuggedGuest, ended: () => void) {
    super();
    this.#debugger = new Debugger(guest);
    this.#ended = ended;
  }

  /** Resolves when what runs now has ended; rejects with what no request could be blamed for. */
  async settled(): Promise<void> {
    this.#debugger.pause();
    await this.#working;
  }

  override shutdown(): void {
    this.#debugger.pause();
    this.#ended();
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    if (request.command === 'pause' || request.command === 'disconnect') this.#debugger.pause();
    this.#working = this.#working.then(() => this.#serve(request));
  }

  async #serve(request: DebugProtocol.Request): Promise<void> {
    const response: DebugProtocol.Response = new Response(request);
    let answer: Answer;
    try {
      const handler = Object.hasOwn(requests, request.command) ? requests[request.command] : undefined;
      if (handler === undefined) throw new Error(`${request.command} is not supported`);
      answer = await handler(this.#debugger, (request.arguments ?? {}) as never);
    } catch (error) {
      const format = error instanceof Error ? error.message : String(error);
      this.sendErrorResponse(response, { id: errorId, format, showUser: true });
      return;
    }
    if (answer.body !== undefined) response.body = answer.body;
    this.sendResponse(response);
    if (request.command === 'initialize') this.sendEvent(new InitializedEvent());
    if (answer.run !== undefined) this.#stopped(await answer.run());
    if (request.command !== 'disconnect' && request.command !== 'terminate') return;
    this.sendEvent(new TerminatedEvent());
    this.#ended();
  }

  #stopped(body: Stopped): void {
    const event: DebugProtocol.Event = new Event('stopped', { ...body, allThreadsStopped: true });
    this.sendEvent(event);
  }
}
