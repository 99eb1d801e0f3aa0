import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { VisitorAction } from '../contracts/plug-points/account-adapter.ts';
import type { AccessClaims } from '../contracts/plug-points/token-strategy.ts';
import type { ClientKind, PendingLogin, SessionRecord, UserRecord } from '../contracts/records.ts';
import type { Flow, Reply } from '../contracts/wire.ts';
import type { Refusal } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import type { LimitedAction } from '../kit/rate-limits.ts';
import type { MethodKind } from '../kit/sessions/methods.ts';
import type { ReplyCookie } from './cookies.ts';
import type { Replies } from './reply.ts';
import type { ReplyOf } from './schemas.ts';

/** The nouns of the house: Request, Endpoint, Stage, Area. */
export interface Request {
  readonly kit: Kit;
  readonly areas: readonly Area[];
  readonly client: ClientKind;
  readonly ip: string;
  readonly userAgent: string;
  /** `https://host`, as the client sees this server; the host is one of ALLOWED_HOSTS. */
  readonly origin: string;
  /** Value of a header of the request, '' where it has none. */
  readonly header: (name: string) => string;
  /** The members of the JSON body, or the fields of the form, as they came; `{}` if there are none. What was checked of them is the endpoint's input. */
  body: Readonly<Record<string, unknown>>;
  /** What stands in the path for the `:name`s of the route; text without control characters. */
  readonly params: Readonly<Record<string, string>>;
  /** Always there, stored or not; changed and saved by `sessions.ts` alone. Anonymous while its `userId` is null. */
  session: SessionRecord;
  /** Follows `session.userId`. */
  user: UserRecord | null;
  readonly progress: Progress;
}

/** What has happened to the session in this request; the reply follows from it. */
export interface Progress {
  /** Whether the session is in the database. */
  stored: boolean;
  /** A session token that the client does not have yet. */
  newToken: string | null;
  /** Cookies that the reply sets, each name once (`setCookie`). Only a browser gets them. */
  cookies: readonly ReplyCookie[];
  /** Whether this request completed a login: the app client then gets its pair. */
  loggedIn: boolean;
}

/** Who may call: anyone, or only who is logged in (else 401 with the flows), or only staff (else 401 or 403). */
export type Access = 'anyone' | 'user' | 'staff';

/** A request whose endpoint has `access: 'user'` or `'staff'`. */
export type UserRequest = Request & { user: UserRecord };

/** Whether somebody is logged in: for endpoints of `access: 'anyone'` that do something else then. */
export function isUserRequest(request: Request): request is UserRequest {
  return request.user !== null;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** `METHOD /path`; a part of the path that starts with a colon is a parameter. */
export type RouteText = `${Method} /${string}`;

/** The names of the parameters of a route. */
type ParamOf<Route extends string> = Route extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | ParamOf<`/${Rest}`>
  : Route extends `${string}/:${infer Name}`
    ? Name
    : never;

/** A request to an endpoint with this access and this route. */
type RequestTo<Who extends Access, Route extends RouteText> = (Who extends 'anyone' ? Request : UserRequest) & {
  readonly params: { readonly [Name in ParamOf<Route>]: string };
};

/** Whether a valid access token with these claims counts here. */
export type AcceptsToken = (claims: AccessClaims) => boolean;

export interface Endpoint<
  Who extends Access = Access,
  Input extends z.ZodType = z.ZodType,
  Route extends RouteText = RouteText,
  Of extends Replies = Replies,
> {
  /** Below `/_allauth/{client}/v1`, or below what `outside` gives. */
  route: Route;
  /** The clients that have it; default: both. */
  clients?: readonly ClientKind[];
  /**
   * Set for what is not part of the headless API: the path that the route lies below, worked out once, at start; `null` where the settings leave it
   * out. A request with an access token is an app's; any other is a browser's: it needs the cookie, and the CSRF token for a change.
   */
  outside?: (kit: Kit) => `/${string}` | null;
  /**
   * With `outside`: which access tokens count, worked out once, at start; `null`: none, so that a request with one is a browser's too. Default: every
   * valid one. Session tokens never count there.
   */
  accessTokens?: (kit: Kit) => AcceptsToken | null;
  /**
   * How clients send the input of a method that changes something; default: `json`, whatever the content type. A `form` comes from a page of HTML, as
   * `application/x-www-form-urlencoded`: its CSRF token may be the field `csrfmiddlewaretoken`, so the body is read before the token is checked.
   */
  body?: 'json' | 'form';
  access: Who;
  /** One line that says what it does, for the OpenAPI document. */
  summary?: string;
  /**
   * The key of ACCOUNT_RATE_LIMITS that counts each request, per ip and per user; what it allows per key, the flow counts itself (`consumeRate`).
   * Looked at before the input is. GET does not count.
   */
  rateLimit?: LimitedAction;
  /**
   * The schema of the input, or what makes it from the settings, once, at start. The input is the JSON body; or the fields of the form; or, of a GET
   * with `outside`, the parameters of the query. Fields and parameters are texts, or lists of texts if they occur more than once.
   */
  input?: Input | ((kit: Kit) => Input);
  /** Request headers that stand in for an input. */
  headers?: readonly string[];
  /**
   * What it answers with when it does what it is for, by status: `handle` is checked against it, the OpenAPI document and the types of the clients
   * are made from it. Replies are not validated at run time.
   */
  replies: Of;
  /** Set where the account adapter may refuse visitors (`checkVisitor`), before the input is looked at. */
  visitor?: VisitorAction;
  /** Set where the input is looked at before the method is, so that a wrong method with bad input hears of the input (400, not 405). */
  inputFirst?: true;
  /** What else may be wrong with the input, that depends on who asks; before the method is looked at where `inputFirst`. @throws {Refusal} 400 */
  check?(request: RequestTo<Who, Route>, input: z.output<Input>): Promise<void>;
  handle(request: RequestTo<Who, Route>, input: z.output<Input>): Promise<ReplyOf<NoInfer<Of>>>;
}

/** An endpoint as the dispatcher sees it: what its `access` and `input` promise to `handle` has been checked before the call. */
export interface AnyEndpoint extends Omit<Endpoint, 'handle' | 'check'> {
  check?(request: Request, input: unknown): Promise<void>;
  handle(request: Request, input: unknown): Promise<Reply>;
}

/** Gives `handle` the types that follow from its own `access`, `input` and `replies`. */
export function endpoint<Who extends Access, Input extends z.ZodType, Route extends RouteText, Of extends Replies>(
  parts: Endpoint<Who, Input, Route, Of>,
): AnyEndpoint {
  // The dispatcher calls `handle` only with a user where `access` asks for one, with what `input` gave, and the parameters of the route.
  return parts;
}

/** What a page outside the headless API answers with. */
export interface PageReply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What a page is told of its request. */
export interface PageRequest {
  readonly header: (name: string) => string;
  readonly ip: string;
  readonly query: URLSearchParams;
  /** Text, at most 256 KiB; '' for GET and HEAD. */
  readonly body: string;
  /** The members of the path that it names as `:name`. */
  readonly params: Readonly<Record<string, string>>;
  /** Aborts when the client has gone away: for pages that wait for something. */
  readonly gone: AbortSignal;
}

/** A path outside the headless API (key set, health, introspection): no session, no envelope. */
export interface Page {
  path: `/${string}`;
  /** Set for what load balancers ask under any name: the Host header is not looked at. */
  anyHost?: true;
  /** Set for what only a developer on this same computer may see: to all others the page does not exist (404). */
  localOnly?: true;
  /** Whether this server has it; default: yes. */
  enabled?(kit: Kit): boolean;
  /** Default: GET, with which HEAD goes. */
  methods?: readonly ('GET' | 'POST')[];
  /** Puts a refusal (wrong host or method, a body that cannot be read) into the page's own shape; default: that of the headless API. */
  refused?(refusal: Refusal): PageReply;
  handle(kit: Kit, request: PageRequest): Promise<PageReply>;
}

/** A step between the proof of who one is and the session. Source: allauth `account/stages.py`. */
export interface Stage {
  /** Id of the flow that waits for it. */
  key: string;
  /**
   * Called once, when the login comes to it: does what the waiting needs (sends a code) and says whether to wait.
   * The endpoint that ends the waiting calls `completeStage`.
   * @param user who logs in, active; `null` for a signup that only pretends to have made an account: it must wait like any other
   */
  enter(request: Request, login: PendingLogin, user: UserRecord | null): Promise<'wait' | 'pass'>;
  /** Whether a login that waits here waits in vain, because what it waits for is void at `now` (Unix seconds): it is over then. */
  isOver?(login: PendingLogin, now: number): boolean;
}

/**
 * What answers all requests below a path by itself, such as a library with an HTTP interface of its own. The server checks the Host header before,
 * adds its security headers (which the handler may replace) and logs the request; sessions, CSRF, CORS and limits are the handler's concern.
 */
export interface Mount {
  /** Without a slash at its end. No endpoint, page or other mount may lie above or below it. */
  path: `/${string}`;
  /** Whether this server has it; default: yes. */
  enabled?(kit: Kit): boolean;
  /**
   * Returns the handler; called once, at start. As in Connect, `url` of its requests starts behind `path` and `originalUrl` is the whole one. Its
   * promise resolves when it has answered; if it rejects before that, the client gets a 500.
   */
  open(kit: Kit): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface Area {
  name: string;
  endpoints: readonly AnyEndpoint[];
  pages?: readonly Page[];
  mounts?: readonly Mount[];
  /** The methods that it records (`methods` of the headless API). */
  methods?: readonly MethodKind[];
  /** In the order in which a login passes them. */
  stages?: readonly Stage[];
  /** What leads on from a 401; what two areas say of one flow is laid together. */
  flows?(request: Request): Flow[] | Promise<Flow[]>;
  /** The ways in which this user can reauthenticate. */
  reauthenticationFlows?(request: UserRequest): Flow[] | Promise<Flow[]>;
  /**
   * What it keeps of a user, for the user's own export, by name: values of JSON, or lists that are read as they are sent. Never a secret or a hash.
   */
  personalData?(request: UserRequest): Promise<Record<string, unknown>>;
  /** What it adds to `data` of GET config. */
  config?(kit: Kit, request: Request): Record<string, unknown> | Promise<Record<string, unknown>>;
}
