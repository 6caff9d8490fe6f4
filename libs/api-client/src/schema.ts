// Made by `npm run client` from /openapi.json. Not edited by hand: change what the routes declare.

export interface paths {
    readonly "/docs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Show the description as a page
         * @description Works offline: everything it needs comes from this server.
         */
        readonly get: operations["openApiPage"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/docs/{file}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Get a part of the page */
        readonly get: operations["openApiAsset"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/health/live": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Tell that the process runs */
        readonly get: operations["healthLive"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/health/ready": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Tell whether the process can work */
        readonly get: operations["healthReady"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/hooks/{token}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Call a webhook
         * @description Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call.
         */
        readonly get: operations["webhookCallGet"];
        /**
         * Call a webhook
         * @description Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call.
         */
        readonly put: operations["webhookCallPut"];
        /**
         * Call a webhook
         * @description Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call.
         */
        readonly post: operations["webhookCallPost"];
        /**
         * Call a webhook
         * @description Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call.
         */
        readonly delete: operations["webhookCallDelete"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Call a webhook
         * @description Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call.
         */
        readonly patch: operations["webhookCallPatch"];
        readonly trace?: never;
    };
    readonly "/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Tell metrics of the process */
        readonly get: operations["metricsMetrics"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Describe the API */
        readonly get: operations["openApiDescribe"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api-keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List the API keys */
        readonly get: operations["apiKeysList"];
        readonly put?: never;
        /**
         * Create an API key
         * @description A key belongs to the workspace, not to whoever made it, and works until it expires or is deleted. At most 100 in a workspace.
         */
        readonly post: operations["apiKeysCreate"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api-keys/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Get an API key */
        readonly get: operations["apiKeysGet"];
        readonly put?: never;
        readonly post?: never;
        /** Delete an API key */
        readonly delete: operations["apiKeysDelete"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/auth/login": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Log in
         * @description After 10 failures for one address, or 100 from one network, within 15 minutes, 429 with `Retry-After`, `RateLimit-Policy` and `RateLimit`, whether the address is known or not, until the 15 minutes are over. A login that succeeds clears what its address has failed.
         */
        readonly post: operations["authLogIn"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/auth/logout": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Log out
         * @description Ends the login of the refresh token in the body, or else of the access token sent as a bearer. The access token itself works until it expires, at most 15 minutes.
         */
        readonly post: operations["authLogOut"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/auth/refresh": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Get new tokens for a refresh token
         * @description Each refresh token works once; when one comes a second time, somebody has a copy, and the whole login ends. A client that refreshes from several places at once must share the answer.
         */
        readonly post: operations["authRefresh"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/auth/register": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Register
         * @description A new user, who owns a new workspace, and is logged in.
         */
        readonly post: operations["authRegister"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/credential-types": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List the types of credentials */
        readonly get: operations["credentialTypesList"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/credentials": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List the credentials */
        readonly get: operations["credentialsList"];
        readonly put?: never;
        /**
         * Store a credential
         * @description A workspace has at most 1,000, each with data of at most 16 KiB as JSON. The data is encrypted, handed only to nodes of this workspace that name the credential, and never shown again.
         */
        readonly post: operations["credentialsCreate"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/credentials/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Get a credential */
        readonly get: operations["credentialsGet"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete a credential
         * @description One that an active workflow uses stays: the answer then has the ids of these workflows as `path` of its `errors`.
         */
        readonly delete: operations["credentialsDelete"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change a credential
         * @description Name, data as a whole, allowed hosts. Attempts that begin after the answer use what is new.
         */
        readonly patch: operations["credentialsChange"];
        readonly trace?: never;
    };
    readonly "/v1/executions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List executions
         * @description Newest first, in any combination of filters. A page has fewer than `limit` items, though more follow, when they hold more than 16 MiB of large values.
         */
        readonly get: operations["executionsList"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/executions/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read an execution
         * @description Readable as soon as its id was given out.
         */
        readonly get: operations["executionsGet"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/executions/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read an execution's history
         * @description Oldest first: by pages, or the whole of it as lines of JSON with `Accept: application/x-ndjson`.
         */
        readonly get: operations["executionsEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Tell who calls */
        readonly get: operations["meMe"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/members": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List the members */
        readonly get: operations["membersList"];
        readonly put?: never;
        /**
         * Add a member
         * @description Somebody who has registered already. At most 500 in a workspace.
         */
        readonly post: operations["membersAdd"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/members/{userId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Get a member */
        readonly get: operations["membersGet"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Remove a member, or leave
         * @description Ends their logins into this workspace; API keys that they made stay. Whoever removes another needs `members:write`. A workspace keeps at least one owner.
         */
        readonly delete: operations["membersRemove"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change the role of a member
         * @description Takes effect at once; in other processes, within 5 seconds. A workspace keeps at least one owner.
         */
        readonly patch: operations["membersChange"];
        readonly trace?: never;
    };
    readonly "/v1/node-types": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List the node types */
        readonly get: operations["nodeTypesList"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/variables": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List the variables */
        readonly get: operations["variablesList"];
        readonly put?: never;
        /**
         * Create a variable
         * @description Variables are configuration, not secrets: whoever may read executions sees the values that they read. Secrets are credentials. A workspace has at most 200 variables, with 64 KiB of JSON in all. An execution sees the variables as they were when it started, for ever.
         */
        readonly post: operations["variablesCreate"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/variables/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Get a variable */
        readonly get: operations["variablesGet"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete a variable
         * @description An execution that starts later and reads it fails at the expression, as at any missing field.
         */
        readonly delete: operations["variablesDelete"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change a variable
         * @description Executions that this process starts after the answer see the new value; other processes learn of it within milliseconds. Those that run keep the old one.
         */
        readonly patch: operations["variablesChange"];
        readonly trace?: never;
    };
    readonly "/v1/workflows": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List workflows
         * @description Newest first, each at its latest version.
         */
        readonly get: operations["workflowsList"];
        readonly put?: never;
        /**
         * Create a workflow
         * @description Its definition becomes version 1. Each webhook node gets a URL of its own, which stays through versions.
         */
        readonly post: operations["workflowsCreate"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a workflow */
        readonly get: operations["workflowsGet"];
        /**
         * Publish a new version
         * @description The whole definition. What is active stays active, and running executions keep the version that they started with. A definition that is the same as the latest version makes no new one.
         */
        readonly put: operations["workflowsPublish"];
        readonly post?: never;
        /**
         * Archive a workflow
         * @description It is deactivated and not found any more. Running executions go on to their end; executions and their histories stay readable.
         */
        readonly delete: operations["workflowsArchive"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/{id}/activate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Activate a version
         * @description Triggers answer to this version from now on. Activating an older one is a rollback.
         */
        readonly post: operations["workflowActivationActivate"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/{id}/deactivate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Deactivate a workflow
         * @description Its triggers start nothing any more, and its webhooks answer 404. Running executions go on.
         */
        readonly post: operations["workflowActivationDeactivate"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/{id}/executions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Start an execution
         * @description From the manual trigger, or the first trigger where there is none. Answered at once; with `Prefer: wait=N` (seconds, at most 60) with the execution when it ends in time.
         */
        readonly post: operations["startExecutionsStart"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/{id}/export": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Export a workflow
         * @description The latest version as portable JSON, without secrets. Credentials that it names are listed, to be mapped when it is imported.
         */
        readonly get: operations["workflowExchangeExport"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/{id}/versions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List a workflow's versions
         * @description Newest first, without their definitions.
         */
        readonly get: operations["workflowVersionsList"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/{id}/versions/{a}/diff/{b}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Compare two versions
         * @description Nodes are the same by id, connections by what they connect.
         */
        readonly get: operations["workflowVersionsDiff"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/{id}/versions/{n}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a version */
        readonly get: operations["workflowVersionsGet"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/{id}/webhooks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List a workflow's webhooks
         * @description Of the webhook nodes of the latest version; always one page.
         */
        readonly get: operations["workflowActivationWebhooks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/import": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Import a workflow
         * @description Creates a workflow from an export or from a bare definition. `credentials` says which credentials of this workspace stand in for those that the export names; what it does not say stays as it is.
         */
        readonly post: operations["workflowExchangeImport"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/validate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Check a definition
         * @description Says what creating the workflow would say, and stores nothing.
         */
        readonly post: operations["workflowsValidate"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description The execution that a call started.
         * @example {
         *       "executionId": "ex_01m85jgbmk"
         *     }
         */
        readonly AcceptedCall: {
            readonly executionId: string;
        };
        /**
         * @description A key with which a program calls.
         * @example {
         *       "id": "key_01m85jgbmk",
         *       "name": "Deployments",
         *       "role": "editor",
         *       "createdAt": "2026-06-01T12:00:00.000Z",
         *       "expiresAt": null,
         *       "lastUsedAt": null,
         *       "createdBy": {
         *         "type": "user",
         *         "id": "usr_01m85jgbmk"
         *       }
         *     }
         */
        readonly ApiKey: {
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy: {
                readonly id: string;
                /** @enum {string} */
                readonly type: "user" | "apiKey";
            };
            readonly expiresAt: string | null;
            readonly id: string;
            /** @description To within a minute. */
            readonly lastUsedAt: string | null;
            readonly name: string;
            /**
             * @description `auditor` reads executions, their events and the audit, and nothing else.
             * @enum {string}
             */
            readonly role: "owner" | "editor" | "viewer" | "auditor";
        };
        /**
         * @description A credential without its data, which is never shown again.
         * @example {
         *       "id": "cr_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j",
         *       "name": "Payments API",
         *       "type": "http.bearer",
         *       "allowedHosts": [
         *         "api.example.com"
         *       ],
         *       "createdAt": "2026-11-23T10:00:00.000Z",
         *       "updatedAt": "2026-11-23T10:00:00.000Z"
         *     }
         */
        readonly Credential: {
            readonly allowedHosts: readonly string[];
            /** Format: date-time */
            readonly createdAt: string;
            readonly id: string;
            readonly name: string;
            /** @enum {string} */
            readonly type: "http.basic" | "http.bearer" | "http.header" | "webhook.secret" | "smtp";
            /** Format: date-time */
            readonly updatedAt: string;
        };
        /**
         * @description What is left out stays as it is; the type always does.
         * @example {
         *       "data": {
         *         "token": "a-newer-token-of-theirs"
         *       }
         *     }
         */
        readonly CredentialChange: {
            /**
             * @description Hosts that HTTP nodes may send it to: names or addresses, `*.example.com` for all below one; a port is no part. Empty for any.
             * @example [
             *       "api.example.com",
             *       "*.eu.example.com"
             *     ]
             */
            readonly allowedHosts?: readonly string[];
            /** @description All of it, as the type of the credential wants it: what is left out is gone. */
            readonly data?: ({
                readonly password: string;
                readonly username: string;
            } | {
                readonly token: string;
            } | {
                readonly name: string;
                readonly value: string;
            } | {
                /** @description Accepted beside `secret` while senders change over. */
                readonly previousSecret?: string;
                readonly secret: string;
            } | {
                readonly host: string;
                readonly password?: string;
                readonly port: number;
                /** @description TLS from the first byte; without it STARTTLS is used where offered. */
                readonly secure: boolean;
                readonly username?: string;
            }) | Record<string, never>;
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            readonly name?: string;
        };
        /**
         * @description What a credential can be.
         * @example {
         *       "type": "http.bearer",
         *       "title": "HTTP bearer token",
         *       "description": "A token, sent in the header Authorization (RFC 6750).",
         *       "bindsToHosts": true,
         *       "dataSchema": {
         *         "type": "object",
         *         "properties": {
         *           "token": {
         *             "type": "string"
         *           }
         *         },
         *         "required": [
         *           "token"
         *         ],
         *         "additionalProperties": false
         *       }
         *     }
         */
        readonly CredentialType: {
            /** @description Whether `allowedHosts` may be given. */
            readonly bindsToHosts: boolean;
            /** @description JSON Schema (2020-12) of `data`. */
            readonly dataSchema: Record<string, never>;
            readonly description: string;
            readonly title: string;
            /** @enum {string} */
            readonly type: "http.basic" | "http.bearer" | "http.header" | "webhook.secret" | "smtp";
        };
        /** @description What validation has to say about one place of a definition. */
        readonly DefinitionProblem: {
            /** @example is required */
            readonly message: string;
            /**
             * @description Of the value; empty for the whole.
             * @example nodes[2].config.url
             */
            readonly path: string;
        };
        /**
         * @description One run of one workflow version.
         * @example {
         *       "id": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "workflowId": "wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
         *       "workflowVersion": 1,
         *       "status": "succeeded",
         *       "trigger": {
         *         "type": "trigger.manual",
         *         "nodeId": "order"
         *       },
         *       "input": {
         *         "body": {
         *           "orderId": "A-17",
         *           "amount": 250
         *         }
         *       },
         *       "output": {
         *         "id": "A-17",
         *         "text": "Order A-17 is big"
         *       },
         *       "error": null,
         *       "nodes": [
         *         {
         *           "nodeId": "order",
         *           "type": "trigger.manual",
         *           "status": "succeeded",
         *           "attempts": 1,
         *           "startedAt": "2026-11-23T10:00:00.000Z",
         *           "finishedAt": "2026-11-23T10:00:00.000Z",
         *           "output": {
         *             "body": {
         *               "orderId": "A-17",
         *               "amount": 250
         *             }
         *           },
         *           "error": null
         *         },
         *         {
         *           "nodeId": "shape",
         *           "type": "set",
         *           "status": "succeeded",
         *           "attempts": 1,
         *           "startedAt": "2026-11-23T10:00:00.004Z",
         *           "finishedAt": "2026-11-23T10:00:00.004Z",
         *           "output": {
         *             "id": "A-17",
         *             "text": "Order A-17 is big"
         *           },
         *           "error": null
         *         }
         *       ],
         *       "createdAt": "2026-11-23T10:00:00.000Z",
         *       "startedAt": "2026-11-23T10:00:00.004Z",
         *       "finishedAt": "2026-11-23T10:00:00.004Z",
         *       "durationMs": 0,
         *       "parentExecutionId": null,
         *       "forkedFrom": null,
         *       "waitingOn": null
         *     }
         */
        readonly Execution: {
            /** Format: date-time */
            readonly createdAt: string;
            /** @description From its start to its end. */
            readonly durationMs: number | null;
            readonly error: components["schemas"]["ExecutionFault"] | null;
            readonly finishedAt: string | null;
            readonly forkedFrom: string | null;
            /** @description Starts with `ex_`. */
            readonly id: string;
            /** @description The trigger's output. */
            readonly input: unknown;
            /** @description In the definition's order. */
            readonly nodes: readonly components["schemas"]["ExecutionNode"][];
            /** @description Of the end node, or of several an object by node id; null before the end. */
            readonly output: unknown;
            readonly parentExecutionId: string | null;
            readonly startedAt: string | null;
            /** @enum {string} */
            readonly status: "queued" | "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "timedOut";
            readonly trigger: {
                readonly nodeId: string;
                /** @example trigger.webhook */
                readonly type: string;
            };
            readonly waitingOn: components["schemas"]["WaitingOn"] | null;
            readonly workflowId: string;
            /** @description That it started with and keeps to its end. */
            readonly workflowVersion: number;
        };
        /**
         * @description A fact of an execution; it never changes.
         * @example {
         *       "version": 3,
         *       "type": "NodeSucceeded",
         *       "at": "2026-11-23T10:00:00.004Z",
         *       "data": {
         *         "nodeId": "shape",
         *         "attempt": 1,
         *         "output": {
         *           "id": "A-17"
         *         },
         *         "leavesBy": [
         *           "main"
         *         ]
         *       }
         *     }
         */
        readonly ExecutionEvent: {
            /** @description Who caused it, when it was a person or a key. */
            readonly actor?: {
                readonly id: string;
                /** @enum {string} */
                readonly type: "user" | "apiKey";
            };
            /** Format: date-time */
            readonly at: string;
            /** @description By type; payloads are shown as the values they stand for. */
            readonly data: {
                readonly [key: string]: unknown;
            };
            /**
             * @description More types may come.
             * @example NodeSucceeded
             */
            readonly type: string;
            /** @description Place in the history: from 1, without gaps. */
            readonly version: number;
        };
        /**
         * @description Why an execution failed.
         * @example {
         *       "code": "HTTP_STATUS",
         *       "message": "the server answered 503",
         *       "nodeId": "notify",
         *       "attempt": 5
         *     }
         */
        readonly ExecutionFault: {
            /** @description The last one, counted from 1. */
            readonly attempt: number;
            /**
             * @description Stable; fit to decide by.
             * @example HTTP_STATUS
             */
            readonly code: string;
            /** @description Any JSON. */
            readonly details?: unknown;
            /** @description For people; may change. */
            readonly message: string;
            /** @description Of the node that failed. */
            readonly nodeId: string;
        };
        /** @description A node that an execution has come to. */
        readonly ExecutionNode: {
            /** @description Begun so far; 0 for a node that was skipped. */
            readonly attempts: number;
            /** @description Of the last attempt that failed. */
            readonly error: components["schemas"]["Fault"] | null;
            readonly finishedAt: string | null;
            readonly nodeId: string;
            /** @description Any JSON. */
            readonly output: unknown;
            readonly startedAt: string | null;
            /** @enum {string} */
            readonly status: "scheduled" | "running" | "retrying" | "waiting" | "succeeded" | "failed" | "skipped" | "cancelled";
            /** @example http.request */
            readonly type: string;
        };
        /**
         * @description A workflow to take elsewhere, without its secrets.
         * @example {
         *       "format": "millrace.workflow/1",
         *       "workflow": {
         *         "name": "Big orders",
         *         "nodes": [
         *           {
         *             "id": "order",
         *             "type": "trigger.webhook",
         *             "config": {
         *               "method": "POST"
         *             }
         *           },
         *           {
         *             "id": "big",
         *             "type": "if",
         *             "config": {
         *               "condition": "{{ trigger.body.amount > 100 }}"
         *             }
         *           },
         *           {
         *             "id": "notify",
         *             "type": "http.request",
         *             "config": {
         *               "method": "POST",
         *               "url": "https://example.com/big",
         *               "json": {
         *                 "id": "{{ trigger.body.orderId }}"
         *               }
         *             },
         *             "retry": {
         *               "maxAttempts": 5,
         *               "backoff": "exponential",
         *               "initialMs": 1000,
         *               "maxMs": 60000,
         *               "jitter": true
         *             },
         *             "timeoutMs": 10000,
         *             "onError": "fail"
         *           }
         *         ],
         *         "connections": [
         *           {
         *             "from": "order",
         *             "to": "big",
         *             "output": "main"
         *           },
         *           {
         *             "from": "big",
         *             "to": "notify",
         *             "output": "true"
         *           }
         *         ],
         *         "settings": {
         *           "timeoutMs": 3600000,
         *           "priority": "normal"
         *         }
         *       },
         *       "requires": {
         *         "credentials": []
         *       }
         *     }
         */
        readonly ExportedWorkflow: {
            /** @constant */
            readonly format: "millrace.workflow/1";
            readonly requires: {
                /** @description Credentials that the nodes name. They are not part of the export. */
                readonly credentials: readonly {
                    readonly id: string;
                    readonly nodeId: string;
                    readonly path: string;
                }[];
            };
            readonly workflow: components["schemas"]["WorkflowDefinitionOutput"];
        };
        /**
         * @description Why a node failed.
         * @example {
         *       "code": "HTTP_STATUS",
         *       "message": "the server answered 503"
         *     }
         */
        readonly Fault: {
            /**
             * @description Stable; fit to decide by.
             * @example HTTP_STATUS
             */
            readonly code: string;
            /** @description Any JSON. */
            readonly details?: unknown;
            /** @description For people; may change. */
            readonly message: string;
        };
        /**
         * @description An export, with the credentials to use instead of those that it names; or a bare definition.
         * @example {
         *       "format": "millrace.workflow/1",
         *       "workflow": {
         *         "name": "Big orders",
         *         "nodes": [
         *           {
         *             "id": "order",
         *             "type": "trigger.webhook",
         *             "config": {
         *               "method": "POST"
         *             }
         *           },
         *           {
         *             "id": "big",
         *             "type": "if",
         *             "config": {
         *               "condition": "{{ trigger.body.amount > 100 }}"
         *             }
         *           },
         *           {
         *             "id": "notify",
         *             "type": "http.request",
         *             "config": {
         *               "method": "POST",
         *               "url": "https://example.com/big",
         *               "json": {
         *                 "id": "{{ trigger.body.orderId }}"
         *               }
         *             },
         *             "retry": {
         *               "maxAttempts": 5,
         *               "backoff": "exponential",
         *               "initialMs": 1000,
         *               "maxMs": 60000,
         *               "jitter": true
         *             },
         *             "timeoutMs": 10000,
         *             "onError": "fail"
         *           }
         *         ],
         *         "connections": [
         *           {
         *             "from": "order",
         *             "to": "big",
         *             "output": "main"
         *           },
         *           {
         *             "from": "big",
         *             "to": "notify",
         *             "output": "true"
         *           }
         *         ],
         *         "settings": {
         *           "timeoutMs": 3600000,
         *           "priority": "normal"
         *         }
         *       },
         *       "requires": {
         *         "credentials": []
         *       },
         *       "credentials": {}
         *     }
         */
        readonly ImportableWorkflow: {
            /** @description Ids of credentials in the export → ids of credentials of this workspace. */
            readonly credentials?: {
                readonly [key: string]: string;
            };
            readonly exportedAt?: string;
            /** @constant */
            readonly format: "millrace.workflow/1";
            /** @description Taken as it was exported, and not looked at. */
            readonly requires?: unknown;
            readonly workflow: components["schemas"]["WorkflowDefinition"];
        } | components["schemas"]["WorkflowDefinition"];
        /**
         * @description That the process runs.
         * @example {
         *       "status": "live"
         *     }
         */
        readonly Liveness: {
            /** @constant */
            readonly status: "live";
        };
        /**
         * @description Who calls, in which workspace, as what.
         * @example {
         *       "user": {
         *         "id": "usr_01m85jgbmk",
         *         "email": "ada@example.com",
         *         "name": "Ada Lovelace"
         *       },
         *       "apiKey": null,
         *       "workspace": {
         *         "id": "ws_01m85jgbmk",
         *         "name": "Ada Lovelace's workspace"
         *       },
         *       "role": "owner",
         *       "workspaces": [
         *         {
         *           "id": "ws_01m85jgbmk",
         *           "name": "Ada Lovelace's workspace",
         *           "role": "owner"
         *         }
         *       ]
         *     }
         */
        readonly Me: {
            /** @description The key that was sent; null for an access token. */
            readonly apiKey: {
                readonly id: string;
                readonly name: string;
            } | null;
            /**
             * @description `auditor` reads executions, their events and the audit, and nothing else.
             * @enum {string}
             */
            readonly role: "owner" | "editor" | "viewer" | "auditor";
            /** @description Null for an API key. */
            readonly user: components["schemas"]["User"] | null;
            readonly workspace: components["schemas"]["Workspace"];
            /** @description Of the user, the one that was joined first in front, at most 100; empty for an API key. */
            readonly workspaces: readonly {
                readonly id: string;
                readonly name: string;
                /**
                 * @description `auditor` reads executions, their events and the audit, and nothing else.
                 * @enum {string}
                 */
                readonly role: "owner" | "editor" | "viewer" | "auditor";
            }[];
        };
        /**
         * @description A user in a workspace.
         * @example {
         *       "userId": "usr_01m85jgbmk",
         *       "email": "ada@example.com",
         *       "name": "Ada Lovelace",
         *       "role": "editor",
         *       "joinedAt": "2026-06-01T12:00:00.000Z"
         *     }
         */
        readonly Member: {
            readonly email: string;
            /** Format: date-time */
            readonly joinedAt: string;
            readonly name: string | null;
            /**
             * @description `auditor` reads executions, their events and the audit, and nothing else.
             * @enum {string}
             */
            readonly role: "owner" | "editor" | "viewer" | "auditor";
            readonly userId: string;
        };
        /**
         * @description A key that was just made.
         * @example {
         *       "id": "key_01m85jgbmk",
         *       "name": "Deployments",
         *       "role": "editor",
         *       "createdAt": "2026-06-01T12:00:00.000Z",
         *       "expiresAt": null,
         *       "lastUsedAt": null,
         *       "createdBy": {
         *         "type": "user",
         *         "id": "usr_01m85jgbmk"
         *       },
         *       "key": "mrk_g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s"
         *     }
         */
        readonly NewApiKey: {
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy: {
                readonly id: string;
                /** @enum {string} */
                readonly type: "user" | "apiKey";
            };
            readonly expiresAt: string | null;
            readonly id: string;
            /** @description Shown this once; goes into `Authorization: Bearer`. */
            readonly key: string;
            /** @description To within a minute. */
            readonly lastUsedAt: string | null;
            readonly name: string;
            /**
             * @description `auditor` reads executions, their events and the audit, and nothing else.
             * @enum {string}
             */
            readonly role: "owner" | "editor" | "viewer" | "auditor";
        };
        /**
         * @description A secret for an outside system, with data as its type wants it.
         * @example {
         *       "name": "Payments API",
         *       "type": "http.bearer",
         *       "data": {
         *         "token": "a-token-of-theirs"
         *       },
         *       "allowedHosts": [
         *         "api.example.com"
         *       ]
         *     }
         */
        readonly NewCredential: {
            /**
             * @description Hosts that HTTP nodes may send it to: names or addresses, `*.example.com` for all below one; a port is no part. Empty for any.
             * @default []
             * @example [
             *       "api.example.com",
             *       "*.eu.example.com"
             *     ]
             */
            readonly allowedHosts: readonly string[];
            /** @description Sent as `Authorization: Basic …`; either part may be empty. */
            readonly data: {
                readonly password: string;
                readonly username: string;
            };
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            readonly name: string;
            /** @constant */
            readonly type: "http.basic";
        } | {
            /**
             * @description Hosts that HTTP nodes may send it to: names or addresses, `*.example.com` for all below one; a port is no part. Empty for any.
             * @default []
             * @example [
             *       "api.example.com",
             *       "*.eu.example.com"
             *     ]
             */
            readonly allowedHosts: readonly string[];
            /** @description Sent as `Authorization: Bearer …`. */
            readonly data: {
                readonly token: string;
            };
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            readonly name: string;
            /** @constant */
            readonly type: "http.bearer";
        } | {
            /**
             * @description Hosts that HTTP nodes may send it to: names or addresses, `*.example.com` for all below one; a port is no part. Empty for any.
             * @default []
             * @example [
             *       "api.example.com",
             *       "*.eu.example.com"
             *     ]
             */
            readonly allowedHosts: readonly string[];
            /** @description Sent as a header of its own, e.g. `X-Api-Key`. */
            readonly data: {
                readonly name: string;
                readonly value: string;
            };
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            readonly name: string;
            /** @constant */
            readonly type: "http.header";
        } | {
            /** @description What senders of webhooks sign their calls with. */
            readonly data: {
                /** @description Accepted beside `secret` while senders change over. */
                readonly previousSecret?: string;
                readonly secret: string;
            };
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            readonly name: string;
            /** @constant */
            readonly type: "webhook.secret";
        } | {
            /** @description A server that takes mail. */
            readonly data: {
                readonly host: string;
                readonly password?: string;
                readonly port: number;
                /** @description TLS from the first byte; without it STARTTLS is used where offered. */
                readonly secure: boolean;
                readonly username?: string;
            };
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            readonly name: string;
            /** @constant */
            readonly type: "smtp";
        };
        /**
         * @description A value that expressions of all workflows of the workspace may read.
         * @example {
         *       "name": "region",
         *       "value": "eu"
         *     }
         */
        readonly NewVariable: {
            /**
             * @description As expressions spell it: `vars.<name>`.
             * @example region
             */
            readonly name: string;
            /** @description Any JSON value; no secret: executions record what they read. */
            readonly value: unknown;
        };
        /**
         * @description What a node can be.
         * @example {
         *       "type": "noop",
         *       "kind": "action",
         *       "title": "Do nothing",
         *       "description": "Passes on what comes in.",
         *       "outputs": [
         *         "main"
         *       ],
         *       "configSchema": {
         *         "type": "object",
         *         "properties": {},
         *         "additionalProperties": false
         *       }
         *     }
         */
        readonly NodeType: {
            /** @description JSON Schema (2020-12) of the config as it is written. */
            readonly configSchema: Record<string, never>;
            readonly description: string;
            /** @enum {string} */
            readonly kind: "trigger" | "action" | "condition";
            /** @description By which connections may leave, for a config that names no others. */
            readonly outputs: readonly string[];
            readonly title: string;
            readonly type: string;
        };
        /**
         * @description An OpenAPI 3.1 document.
         * @example {
         *       "openapi": "3.1.0",
         *       "info": {
         *         "title": "Millrace",
         *         "version": "0.1.0"
         *       },
         *       "paths": {}
         *     }
         */
        readonly OpenApiDocument: {
            readonly openapi: string;
        } & {
            readonly [key: string]: unknown;
        };
        /**
         * @description Why a request was refused.
         * @example {
         *       "type": "urn:millrace:problem:INVALID_REQUEST",
         *       "title": "Bad Request",
         *       "status": 400,
         *       "detail": "the request is not as this route takes it",
         *       "code": "INVALID_REQUEST",
         *       "errors": [
         *         {
         *           "path": "limit",
         *           "message": "Too big: expected number to be <=200"
         *         }
         *       ]
         *     }
         */
        readonly Problem: {
            /** @description Stable; what programs are to look at. */
            readonly code: string;
            /** @description What is wrong and what to do, for people; it may change. */
            readonly detail: string;
            /** @description What is wrong with the request, each with the path of the value, e.g. `nodes[2].config.url`. */
            readonly errors?: readonly {
                readonly message: string;
                readonly path: string;
            }[];
            /** @description Names the request in our log; with 5xx alone. */
            readonly instance?: string;
            readonly status: number;
            /** @description The status in words. */
            readonly title: string;
            /** @description A URN that stands for the code. */
            readonly type: string;
        };
        /**
         * @description Whether the process can do its work.
         * @example {
         *       "status": "ready",
         *       "dependencies": {
         *         "nats": {
         *           "status": "up",
         *           "roundTripMs": 1,
         *           "replicas": 1,
         *           "sync": "always",
         *           "durability": "a killed process loses nothing"
         *         },
         *         "postgres": {
         *           "status": "up"
         *         }
         *       }
         *     }
         */
        readonly Readiness: {
            /** @description By name; `nats` also says what an acknowledged write survives. */
            readonly dependencies: {
                readonly [key: string]: {
                    readonly reason?: string;
                    /** @enum {string} */
                    readonly status: "up" | "down";
                } & {
                    readonly [key: string]: unknown;
                };
            };
            /** @enum {string} */
            readonly status: "ready" | "unavailable";
        };
        /** @description Whether and when a failed attempt is followed by another. */
        readonly RetryPolicy: {
            /**
             * @default exponential
             * @enum {string}
             */
            readonly backoff: "fixed" | "linear" | "exponential";
            /** @description Codes of errors never to retry. */
            readonly dontRetryOn?: readonly string[];
            /** @default 1000 */
            readonly initialMs: number;
            /** @default true */
            readonly jitter: boolean;
            /** @description Attempts in all. */
            readonly maxAttempts: number;
            /** @default 60000 */
            readonly maxMs: number;
            /** @description Codes of errors to retry, whatever they are otherwise. */
            readonly retryOn?: readonly string[];
        };
        /** @description Whether and when a failed attempt is followed by another. */
        readonly RetryPolicyOutput: {
            /**
             * @default exponential
             * @enum {string}
             */
            readonly backoff: "fixed" | "linear" | "exponential";
            /** @description Codes of errors never to retry. */
            readonly dontRetryOn?: readonly string[];
            /** @default 1000 */
            readonly initialMs: number;
            /** @default true */
            readonly jitter: boolean;
            /** @description Attempts in all. */
            readonly maxAttempts: number;
            /** @default 60000 */
            readonly maxMs: number;
            /** @description Codes of errors to retry, whatever they are otherwise. */
            readonly retryOn?: readonly string[];
        };
        /**
         * @description A login.
         * @example {
         *       "user": {
         *         "id": "usr_01m85jgbmk",
         *         "email": "ada@example.com",
         *         "name": "Ada Lovelace"
         *       },
         *       "workspace": {
         *         "id": "ws_01m85jgbmk",
         *         "name": "Ada Lovelace's workspace"
         *       },
         *       "accessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDFtODVqZ2JtayJ9.tYAsDkBgPPMQ0Xfxyd9u2VX1",
         *       "refreshToken": "g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s",
         *       "expiresInMs": 900000
         *     }
         */
        readonly Session: {
            /** @description Goes into `Authorization: Bearer`. */
            readonly accessToken: string;
            /** @description Of the access token. */
            readonly expiresInMs: number;
            /** @description Works once; a second use ends the login. Lasts 30 days. */
            readonly refreshToken: string;
            readonly user: components["schemas"]["User"];
            readonly workspace: components["schemas"]["Workspace"];
        };
        /**
         * @description What a login goes on with.
         * @example {
         *       "accessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDFtODVqZ2JtayJ9.tYAsDkBgPPMQ0Xfxyd9u2VX1",
         *       "refreshToken": "g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s",
         *       "expiresInMs": 900000
         *     }
         */
        readonly SessionTokens: {
            /** @description Goes into `Authorization: Bearer`. */
            readonly accessToken: string;
            /** @description Of the access token. */
            readonly expiresInMs: number;
            /** @description Works once; a second use ends the login. Lasts 30 days. */
            readonly refreshToken: string;
        };
        /**
         * @description The id is readable at once at the address in `Location`.
         * @example {
         *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
         *     }
         */
        readonly StartedExecution: {
            readonly executionId: string;
        };
        /**
         * @description Somebody who logs in.
         * @example {
         *       "id": "usr_01m85jgbmk",
         *       "email": "ada@example.com",
         *       "name": "Ada Lovelace"
         *     }
         */
        readonly User: {
            readonly email: string;
            readonly id: string;
            readonly name: string | null;
        };
        /** @description A place at which two versions differ. */
        readonly ValueChange: {
            /** @description Any JSON; absent where nothing is any more. */
            readonly after?: unknown;
            /** @description Any JSON; absent where there was nothing. */
            readonly before?: unknown;
            /** @example config.url */
            readonly path: string;
        };
        /**
         * @description A workspace variable.
         * @example {
         *       "name": "region",
         *       "value": "eu",
         *       "createdAt": "2026-11-23T10:00:00.000Z",
         *       "updatedAt": "2026-11-23T10:00:00.000Z"
         *     }
         */
        readonly Variable: {
            /** Format: date-time */
            readonly createdAt: string;
            readonly name: string;
            /** Format: date-time */
            readonly updatedAt: string;
            readonly value: unknown;
        };
        /**
         * @description The new value.
         * @example {
         *       "value": "us"
         *     }
         */
        readonly VariableChange: {
            /** @description Any JSON value; no secret: executions record what they read. */
            readonly value: unknown;
        };
        /** @description Why an execution that is not over does not move. */
        readonly WaitingOn: {
            /** @constant */
            readonly kind: "worker";
            /** @description Absent when the execution has not begun. */
            readonly nodeId?: string;
        } | {
            /** Format: date-time */
            readonly at: string;
            /** @constant */
            readonly kind: "retry";
            readonly nodeId: string;
        };
        /**
         * @description The endpoint of a `trigger.webhook` node.
         * @example {
         *       "id": "wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "nodeId": "order",
         *       "url": "https://millrace.example.com/hooks/c2VjcmV0LXRva2VuLW9mLTI0Yg",
         *       "method": "POST",
         *       "active": true,
         *       "createdAt": "2026-11-23T10:00:00.000Z"
         *     }
         */
        readonly Webhook: {
            readonly active: boolean;
            /**
             * Format: date-time
             * @example 2026-11-23T10:00:00.000Z
             */
            readonly createdAt: string;
            /** @description Starts with `wh_`. */
            readonly id: string;
            /** @description One, or those that the node takes. */
            readonly method: string | readonly string[];
            readonly nodeId: string;
            /**
             * Format: uri
             * @description Who knows it can call it; stays through versions.
             */
            readonly url: string;
        };
        /**
         * @description A workflow at its latest version.
         * @example {
         *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "name": "Big orders",
         *       "nodes": [
         *         {
         *           "id": "order",
         *           "type": "trigger.webhook",
         *           "config": {
         *             "method": "POST"
         *           }
         *         },
         *         {
         *           "id": "big",
         *           "type": "if",
         *           "config": {
         *             "condition": "{{ trigger.body.amount > 100 }}"
         *           }
         *         },
         *         {
         *           "id": "notify",
         *           "type": "http.request",
         *           "config": {
         *             "method": "POST",
         *             "url": "https://example.com/big",
         *             "json": {
         *               "id": "{{ trigger.body.orderId }}"
         *             }
         *           },
         *           "retry": {
         *             "maxAttempts": 5,
         *             "backoff": "exponential",
         *             "initialMs": 1000,
         *             "maxMs": 60000,
         *             "jitter": true
         *           },
         *           "timeoutMs": 10000,
         *           "onError": "fail"
         *         }
         *       ],
         *       "connections": [
         *         {
         *           "from": "order",
         *           "to": "big",
         *           "output": "main"
         *         },
         *         {
         *           "from": "big",
         *           "to": "notify",
         *           "output": "true"
         *         }
         *       ],
         *       "settings": {
         *         "timeoutMs": 3600000,
         *         "priority": "normal"
         *       },
         *       "version": 1,
         *       "active": false,
         *       "activeVersion": null,
         *       "warnings": [],
         *       "createdAt": "2026-11-23T10:00:00.000Z",
         *       "updatedAt": "2026-11-23T10:00:00.000Z"
         *     }
         */
        readonly Workflow: {
            /** @description Whether its triggers start executions. */
            readonly active: boolean;
            /** @description The version that they start. */
            readonly activeVersion: number | null;
            readonly connections: readonly components["schemas"]["WorkflowConnectionOutput"][];
            /**
             * Format: date-time
             * @example 2026-11-23T10:00:00.000Z
             */
            readonly createdAt: string;
            /** @description Starts with `wf_`. */
            readonly id: string;
            /** @example Big orders */
            readonly name: string;
            readonly nodes: readonly components["schemas"]["WorkflowNodeOutput"][];
            readonly settings: components["schemas"]["WorkflowSettingsOutput"];
            /**
             * Format: date-time
             * @example 2026-11-23T10:00:00.000Z
             */
            readonly updatedAt: string;
            /** @description The latest one. */
            readonly version: number;
            /** @description What is accepted and still looks like a mistake; said when the version was published. */
            readonly warnings: readonly components["schemas"]["DefinitionProblem"][];
        };
        /** @description Leads from an output of a node to another node. */
        readonly WorkflowConnection: {
            /**
             * @description Id of a node.
             * @example big
             */
            readonly from: string;
            /**
             * @description Output of `from` by which the flow leaves.
             * @default main
             * @example true
             */
            readonly output: string;
            /**
             * @description Id of a node.
             * @example notify
             */
            readonly to: string;
        };
        /** @description Leads from an output of a node to another node. */
        readonly WorkflowConnectionOutput: {
            /**
             * @description Id of a node.
             * @example big
             */
            readonly from: string;
            /**
             * @description Output of `from` by which the flow leaves.
             * @default main
             * @example true
             */
            readonly output: string;
            /**
             * @description Id of a node.
             * @example notify
             */
            readonly to: string;
        };
        /**
         * @description A graph of nodes that a trigger starts. At most 1 MiB of JSON.
         * @example {
         *       "name": "Big orders",
         *       "nodes": [
         *         {
         *           "id": "order",
         *           "type": "trigger.webhook",
         *           "config": {
         *             "method": "POST"
         *           }
         *         },
         *         {
         *           "id": "big",
         *           "type": "if",
         *           "config": {
         *             "condition": "{{ trigger.body.amount > 100 }}"
         *           }
         *         },
         *         {
         *           "id": "notify",
         *           "type": "http.request",
         *           "config": {
         *             "method": "POST",
         *             "url": "https://example.com/big",
         *             "json": {
         *               "id": "{{ trigger.body.orderId }}"
         *             }
         *           },
         *           "retry": {
         *             "maxAttempts": 5,
         *             "backoff": "exponential",
         *             "initialMs": 1000,
         *             "maxMs": 60000,
         *             "jitter": true
         *           },
         *           "timeoutMs": 10000,
         *           "onError": "fail"
         *         }
         *       ],
         *       "connections": [
         *         {
         *           "from": "order",
         *           "to": "big",
         *           "output": "main"
         *         },
         *         {
         *           "from": "big",
         *           "to": "notify",
         *           "output": "true"
         *         }
         *       ],
         *       "settings": {
         *         "timeoutMs": 3600000,
         *         "priority": "normal"
         *       }
         *     }
         */
        readonly WorkflowDefinition: {
            /**
             * @description At most 2000. The graph must be acyclic.
             * @default []
             */
            readonly connections: readonly components["schemas"]["WorkflowConnection"][];
            /** @example Big orders */
            readonly name: string;
            /** @description At most 500. */
            readonly nodes: readonly components["schemas"]["WorkflowNode"][];
            /**
             * @default {
             *       "priority": "normal"
             *     }
             */
            readonly settings: components["schemas"]["WorkflowSettings"];
        };
        /**
         * @description A graph of nodes that a trigger starts. At most 1 MiB of JSON.
         * @example {
         *       "name": "Big orders",
         *       "nodes": [
         *         {
         *           "id": "order",
         *           "type": "trigger.webhook",
         *           "config": {
         *             "method": "POST"
         *           }
         *         },
         *         {
         *           "id": "big",
         *           "type": "if",
         *           "config": {
         *             "condition": "{{ trigger.body.amount > 100 }}"
         *           }
         *         },
         *         {
         *           "id": "notify",
         *           "type": "http.request",
         *           "config": {
         *             "method": "POST",
         *             "url": "https://example.com/big",
         *             "json": {
         *               "id": "{{ trigger.body.orderId }}"
         *             }
         *           },
         *           "retry": {
         *             "maxAttempts": 5,
         *             "backoff": "exponential",
         *             "initialMs": 1000,
         *             "maxMs": 60000,
         *             "jitter": true
         *           },
         *           "timeoutMs": 10000,
         *           "onError": "fail"
         *         }
         *       ],
         *       "connections": [
         *         {
         *           "from": "order",
         *           "to": "big",
         *           "output": "main"
         *         },
         *         {
         *           "from": "big",
         *           "to": "notify",
         *           "output": "true"
         *         }
         *       ],
         *       "settings": {
         *         "timeoutMs": 3600000,
         *         "priority": "normal"
         *       }
         *     }
         */
        readonly WorkflowDefinitionOutput: {
            /**
             * @description At most 2000. The graph must be acyclic.
             * @default []
             */
            readonly connections: readonly components["schemas"]["WorkflowConnectionOutput"][];
            /** @example Big orders */
            readonly name: string;
            /** @description At most 500. */
            readonly nodes: readonly components["schemas"]["WorkflowNodeOutput"][];
            /**
             * @default {
             *       "priority": "normal"
             *     }
             */
            readonly settings: components["schemas"]["WorkflowSettingsOutput"];
        };
        /** @description A step of the graph. */
        readonly WorkflowNode: {
            /**
             * @description By the schema of the node type; every string may hold expressions.
             * @default {}
             */
            readonly config: Record<string, never>;
            /**
             * @description Unique in the workflow.
             * @example notify
             */
            readonly id: string;
            /** @enum {string} */
            readonly join?: "all" | "any";
            /** @enum {string} */
            readonly onError?: "fail" | "continue" | "branch";
            readonly retry?: components["schemas"]["RetryPolicy"];
            /** @description Of one attempt. */
            readonly timeoutMs?: number;
            /**
             * @description From `GET /v1/node-types`.
             * @example http.request
             */
            readonly type: string;
        };
        /** @description A step of the graph. */
        readonly WorkflowNodeOutput: {
            /**
             * @description By the schema of the node type; every string may hold expressions.
             * @default {}
             */
            readonly config: Record<string, never>;
            /**
             * @description Unique in the workflow.
             * @example notify
             */
            readonly id: string;
            /** @enum {string} */
            readonly join?: "all" | "any";
            /** @enum {string} */
            readonly onError?: "fail" | "continue" | "branch";
            readonly retry?: components["schemas"]["RetryPolicyOutput"];
            /** @description Of one attempt. */
            readonly timeoutMs?: number;
            /**
             * @description From `GET /v1/node-types`.
             * @example http.request
             */
            readonly type: string;
        };
        /** @description What holds for every execution. */
        readonly WorkflowSettings: {
            readonly concurrency?: {
                readonly key?: string;
                readonly limit: number;
            };
            /**
             * @default normal
             * @enum {string}
             */
            readonly priority: "high" | "normal" | "low";
            /** @description Of a whole execution. */
            readonly timeoutMs?: number;
        };
        /** @description What holds for every execution. */
        readonly WorkflowSettingsOutput: {
            readonly concurrency?: {
                readonly key?: string;
                readonly limit: number;
            };
            /**
             * @default normal
             * @enum {string}
             */
            readonly priority: "high" | "normal" | "low";
            /** @description Of a whole execution. */
            readonly timeoutMs?: number;
        };
        /**
         * @description What creating the workflow would say.
         * @example {
         *       "valid": false,
         *       "problems": [
         *         {
         *           "path": "nodes[2].config.url",
         *           "message": "is required"
         *         }
         *       ],
         *       "warnings": []
         *     }
         */
        readonly WorkflowValidation: {
            /** @description Why it would not. */
            readonly problems: readonly components["schemas"]["DefinitionProblem"][];
            /** @description Whether it would be accepted. */
            readonly valid: boolean;
            /** @description Looked for only when there are no problems. */
            readonly warnings: readonly components["schemas"]["DefinitionProblem"][];
        };
        /**
         * @description A published version. It never changes.
         * @example {
         *       "version": 1,
         *       "contentHash": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
         *       "createdAt": "2026-11-23T10:00:00.000Z",
         *       "createdBy": {
         *         "type": "user",
         *         "id": "usr_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
         *       },
         *       "name": "Big orders",
         *       "nodes": [
         *         {
         *           "id": "order",
         *           "type": "trigger.webhook",
         *           "config": {
         *             "method": "POST"
         *           }
         *         },
         *         {
         *           "id": "big",
         *           "type": "if",
         *           "config": {
         *             "condition": "{{ trigger.body.amount > 100 }}"
         *           }
         *         },
         *         {
         *           "id": "notify",
         *           "type": "http.request",
         *           "config": {
         *             "method": "POST",
         *             "url": "https://example.com/big",
         *             "json": {
         *               "id": "{{ trigger.body.orderId }}"
         *             }
         *           },
         *           "retry": {
         *             "maxAttempts": 5,
         *             "backoff": "exponential",
         *             "initialMs": 1000,
         *             "maxMs": 60000,
         *             "jitter": true
         *           },
         *           "timeoutMs": 10000,
         *           "onError": "fail"
         *         }
         *       ],
         *       "connections": [
         *         {
         *           "from": "order",
         *           "to": "big",
         *           "output": "main"
         *         },
         *         {
         *           "from": "big",
         *           "to": "notify",
         *           "output": "true"
         *         }
         *       ],
         *       "settings": {
         *         "timeoutMs": 3600000,
         *         "priority": "normal"
         *       },
         *       "warnings": []
         *     }
         */
        readonly WorkflowVersion: {
            readonly connections: readonly components["schemas"]["WorkflowConnectionOutput"][];
            /**
             * @description SHA-256 of the canonical JSON (RFC 8785) of name, nodes, connections and settings.
             * @example sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
             */
            readonly contentHash: string;
            /**
             * Format: date-time
             * @example 2026-11-23T10:00:00.000Z
             */
            readonly createdAt: string;
            /** @description Who published it. */
            readonly createdBy: {
                readonly id: string;
                /** @enum {string} */
                readonly type: "user" | "apiKey";
            } | null;
            /** @example Big orders */
            readonly name: string;
            readonly nodes: readonly components["schemas"]["WorkflowNodeOutput"][];
            readonly settings: components["schemas"]["WorkflowSettingsOutput"];
            /** @description From 1, without gaps. */
            readonly version: number;
            /** @description What is accepted and still looks like a mistake; said when the version was published. */
            readonly warnings: readonly components["schemas"]["DefinitionProblem"][];
        };
        /**
         * @description What turns one version into the other.
         * @example {
         *       "from": 1,
         *       "to": 2,
         *       "nodes": {
         *         "added": [],
         *         "removed": [],
         *         "changed": [
         *           {
         *             "id": "notify",
         *             "changes": [
         *               {
         *                 "path": "config.url",
         *                 "before": "https://example.com/big",
         *                 "after": "https://example.com/huge"
         *               }
         *             ]
         *           }
         *         ]
         *       },
         *       "connections": {
         *         "added": [],
         *         "removed": [
         *           {
         *             "from": "order",
         *             "to": "big",
         *             "output": "main"
         *           }
         *         ]
         *       },
         *       "settings": [
         *         {
         *           "path": "timeoutMs",
         *           "before": 3600000
         *         }
         *       ],
         *       "reordered": []
         *     }
         */
        readonly WorkflowVersionDiff: {
            readonly connections: {
                readonly added: readonly components["schemas"]["WorkflowConnectionOutput"][];
                readonly removed: readonly components["schemas"]["WorkflowConnectionOutput"][];
            };
            /** @description From 1, without gaps. */
            readonly from: number;
            /** @description When it differs. */
            readonly name?: {
                readonly after: string;
                readonly before: string;
            };
            readonly nodes: {
                readonly added: readonly components["schemas"]["WorkflowNodeOutput"][];
                /** @description Nodes that both have. After 1,000 changes told one by one, fields are told as a whole. */
                readonly changed: readonly {
                    readonly changes: readonly components["schemas"]["ValueChange"][];
                    readonly id: string;
                }[];
                readonly removed: readonly components["schemas"]["WorkflowNodeOutput"][];
            };
            /** @description Lists whose common entries stand in another order. */
            readonly reordered: readonly ("nodes" | "connections")[];
            readonly settings: readonly components["schemas"]["ValueChange"][];
            /** @description From 1, without gaps. */
            readonly to: number;
        };
        /**
         * @description A published version, without its definition.
         * @example {
         *       "version": 1,
         *       "contentHash": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
         *       "createdAt": "2026-11-23T10:00:00.000Z",
         *       "createdBy": {
         *         "type": "user",
         *         "id": "usr_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
         *       },
         *       "name": "Big orders",
         *       "active": true
         *     }
         */
        readonly WorkflowVersionSummary: {
            readonly active: boolean;
            /**
             * @description SHA-256 of the canonical JSON (RFC 8785) of name, nodes, connections and settings.
             * @example sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
             */
            readonly contentHash: string;
            /**
             * Format: date-time
             * @example 2026-11-23T10:00:00.000Z
             */
            readonly createdAt: string;
            /** @description Who published it. */
            readonly createdBy: {
                readonly id: string;
                /** @enum {string} */
                readonly type: "user" | "apiKey";
            } | null;
            /** @example Big orders */
            readonly name: string;
            /** @description From 1, without gaps. */
            readonly version: number;
        };
        /**
         * @description What every object belongs to.
         * @example {
         *       "id": "ws_01m85jgbmk",
         *       "name": "Ada Lovelace's workspace"
         *     }
         */
        readonly Workspace: {
            readonly id: string;
            readonly name: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly openApiPage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly openApiAsset: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly file: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The file. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/css": string;
                    readonly "text/javascript": string;
                };
            };
            /** @description Not Found: `NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly healthLive: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It runs. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "live"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Liveness"];
                };
            };
        };
    };
    readonly healthReady: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It can. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ready",
                     *       "dependencies": {
                     *         "nats": {
                     *           "status": "up",
                     *           "roundTripMs": 1,
                     *           "replicas": 1,
                     *           "sync": "always",
                     *           "durability": "a killed process loses nothing"
                     *         },
                     *         "postgres": {
                     *           "status": "up"
                     *         }
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Something is away that it needs. */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ready",
                     *       "dependencies": {
                     *         "nats": {
                     *           "status": "up",
                     *           "roundTripMs": 1,
                     *           "replicas": 1,
                     *           "sync": "always",
                     *           "durability": "a killed process loses nothing"
                     *         },
                     *         "postgres": {
                     *           "status": "up"
                     *         }
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    readonly webhookCallGet: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The last part of the webhook’s URL. */
                readonly token: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The call is in the log. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01m85jgbmk"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["AcceptedCall"];
                };
            };
            /** @description Bad Request: `MALFORMED_BODY`, `MALFORMED_JSON`, `JSON_TOO_DEEP`, `INCOMPLETE_BODY` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:MALFORMED_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "MALFORMED_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "MALFORMED_BODY" | "MALFORMED_JSON" | "JSON_TOO_DEEP" | "INCOMPLETE_BODY";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WEBHOOK_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WEBHOOK_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Method Not Allowed: `METHOD_NOT_ALLOWED` */
            readonly 405: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:METHOD_NOT_ALLOWED",
                     *       "title": "Method Not Allowed",
                     *       "status": 405,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "METHOD_NOT_ALLOWED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "METHOD_NOT_ALLOWED";
                        /** @constant */
                        readonly status: 405;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Service Unavailable: `LOG_UNAVAILABLE`, `LOG_BUSY`, `SHUTTING_DOWN` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:LOG_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "LOG_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "LOG_UNAVAILABLE" | "LOG_BUSY" | "SHUTTING_DOWN";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly webhookCallPut: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The last part of the webhook’s URL. */
                readonly token: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "*/*": unknown;
                /**
                 * @example {
                 *       "orderId": "A-17",
                 *       "amount": 250
                 *     }
                 */
                readonly "application/json": unknown;
            };
        };
        readonly responses: {
            /** @description The call is in the log. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01m85jgbmk"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["AcceptedCall"];
                };
            };
            /** @description Bad Request: `MALFORMED_BODY`, `MALFORMED_JSON`, `JSON_TOO_DEEP`, `INCOMPLETE_BODY` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:MALFORMED_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "MALFORMED_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "MALFORMED_BODY" | "MALFORMED_JSON" | "JSON_TOO_DEEP" | "INCOMPLETE_BODY";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WEBHOOK_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WEBHOOK_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Method Not Allowed: `METHOD_NOT_ALLOWED` */
            readonly 405: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:METHOD_NOT_ALLOWED",
                     *       "title": "Method Not Allowed",
                     *       "status": 405,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "METHOD_NOT_ALLOWED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "METHOD_NOT_ALLOWED";
                        /** @constant */
                        readonly status: 405;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Service Unavailable: `LOG_UNAVAILABLE`, `LOG_BUSY`, `SHUTTING_DOWN` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:LOG_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "LOG_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "LOG_UNAVAILABLE" | "LOG_BUSY" | "SHUTTING_DOWN";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly webhookCallPost: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The last part of the webhook’s URL. */
                readonly token: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "*/*": unknown;
                /**
                 * @example {
                 *       "orderId": "A-17",
                 *       "amount": 250
                 *     }
                 */
                readonly "application/json": unknown;
            };
        };
        readonly responses: {
            /** @description The call is in the log. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01m85jgbmk"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["AcceptedCall"];
                };
            };
            /** @description Bad Request: `MALFORMED_BODY`, `MALFORMED_JSON`, `JSON_TOO_DEEP`, `INCOMPLETE_BODY` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:MALFORMED_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "MALFORMED_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "MALFORMED_BODY" | "MALFORMED_JSON" | "JSON_TOO_DEEP" | "INCOMPLETE_BODY";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WEBHOOK_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WEBHOOK_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Method Not Allowed: `METHOD_NOT_ALLOWED` */
            readonly 405: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:METHOD_NOT_ALLOWED",
                     *       "title": "Method Not Allowed",
                     *       "status": 405,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "METHOD_NOT_ALLOWED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "METHOD_NOT_ALLOWED";
                        /** @constant */
                        readonly status: 405;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Service Unavailable: `LOG_UNAVAILABLE`, `LOG_BUSY`, `SHUTTING_DOWN` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:LOG_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "LOG_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "LOG_UNAVAILABLE" | "LOG_BUSY" | "SHUTTING_DOWN";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly webhookCallDelete: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The last part of the webhook’s URL. */
                readonly token: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "*/*": unknown;
                /**
                 * @example {
                 *       "orderId": "A-17",
                 *       "amount": 250
                 *     }
                 */
                readonly "application/json": unknown;
            };
        };
        readonly responses: {
            /** @description The call is in the log. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01m85jgbmk"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["AcceptedCall"];
                };
            };
            /** @description Bad Request: `MALFORMED_BODY`, `MALFORMED_JSON`, `JSON_TOO_DEEP`, `INCOMPLETE_BODY` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:MALFORMED_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "MALFORMED_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "MALFORMED_BODY" | "MALFORMED_JSON" | "JSON_TOO_DEEP" | "INCOMPLETE_BODY";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WEBHOOK_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WEBHOOK_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Method Not Allowed: `METHOD_NOT_ALLOWED` */
            readonly 405: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:METHOD_NOT_ALLOWED",
                     *       "title": "Method Not Allowed",
                     *       "status": 405,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "METHOD_NOT_ALLOWED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "METHOD_NOT_ALLOWED";
                        /** @constant */
                        readonly status: 405;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Service Unavailable: `LOG_UNAVAILABLE`, `LOG_BUSY`, `SHUTTING_DOWN` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:LOG_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "LOG_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "LOG_UNAVAILABLE" | "LOG_BUSY" | "SHUTTING_DOWN";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly webhookCallPatch: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The last part of the webhook’s URL. */
                readonly token: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "*/*": unknown;
                /**
                 * @example {
                 *       "orderId": "A-17",
                 *       "amount": 250
                 *     }
                 */
                readonly "application/json": unknown;
            };
        };
        readonly responses: {
            /** @description The call is in the log. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01m85jgbmk"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["AcceptedCall"];
                };
            };
            /** @description Bad Request: `MALFORMED_BODY`, `MALFORMED_JSON`, `JSON_TOO_DEEP`, `INCOMPLETE_BODY` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:MALFORMED_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "MALFORMED_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "MALFORMED_BODY" | "MALFORMED_JSON" | "JSON_TOO_DEEP" | "INCOMPLETE_BODY";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WEBHOOK_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WEBHOOK_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Method Not Allowed: `METHOD_NOT_ALLOWED` */
            readonly 405: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:METHOD_NOT_ALLOWED",
                     *       "title": "Method Not Allowed",
                     *       "status": 405,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "METHOD_NOT_ALLOWED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "METHOD_NOT_ALLOWED";
                        /** @constant */
                        readonly status: 405;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Service Unavailable: `LOG_UNAVAILABLE`, `LOG_BUSY`, `SHUTTING_DOWN` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:LOG_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "LOG_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "LOG_UNAVAILABLE" | "LOG_BUSY" | "SHUTTING_DOWN";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly metricsMetrics: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Prometheus text format. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
        };
    };
    readonly openApiDescribe: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description This document. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "openapi": "3.1.0",
                     *       "info": {
                     *         "title": "Millrace",
                     *         "version": "0.1.0"
                     *       },
                     *       "paths": {}
                     *     }
                     */
                    readonly "application/json": components["schemas"]["OpenApiDocument"];
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly apiKeysList: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page, newest first. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["ApiKey"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_CURSOR",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_CURSOR"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly apiKeysCreate: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * Format: date-time
                     * @description An instant in the future, with offset; without it, the key works until it is deleted.
                     * @example 2099-01-01T00:00:00.000Z
                     */
                    readonly expiresAt?: string;
                    /**
                     * @description 1 to 100 characters.
                     * @example Deployments
                     */
                    readonly name: string;
                    /**
                     * @description `auditor` reads executions, their events and the audit, and nothing else.
                     * @enum {string}
                     */
                    readonly role: "owner" | "editor" | "viewer" | "auditor";
                };
            };
        };
        readonly responses: {
            /** @description The key, shown this once. */
            readonly 201: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    readonly location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "key_01m85jgbmk",
                     *       "name": "Deployments",
                     *       "role": "editor",
                     *       "createdAt": "2026-06-01T12:00:00.000Z",
                     *       "expiresAt": null,
                     *       "lastUsedAt": null,
                     *       "createdBy": {
                     *         "type": "user",
                     *         "id": "usr_01m85jgbmk"
                     *       },
                     *       "key": "mrk_g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["NewApiKey"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_ANSWER_NOT_KEPT",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_ANSWER_NOT_KEPT"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `API_KEY_EXPIRY_PASSED`, `IDEMPOTENCY_KEY_REUSED`, `TOO_MANY_API_KEYS` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRY_PASSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRY_PASSED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRY_PASSED" | "IDEMPOTENCY_KEY_REUSED" | "TOO_MANY_API_KEYS";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly apiKeysGet: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `key_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What is known of it, but the key itself. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "key_01m85jgbmk",
                     *       "name": "Deployments",
                     *       "role": "editor",
                     *       "createdAt": "2026-06-01T12:00:00.000Z",
                     *       "expiresAt": null,
                     *       "lastUsedAt": null,
                     *       "createdBy": {
                     *         "type": "user",
                     *         "id": "usr_01m85jgbmk"
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `API_KEY_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly apiKeysDelete: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `key_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It opens nothing any more; other processes notice within 5 seconds. */
            readonly 204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `API_KEY_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly authLogIn: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @example ada@example.com */
                    readonly email: string;
                    /** @example correct horse battery */
                    readonly password: string;
                    /**
                     * @description Which of the workspaces in `GET /v1/me`; default: the one that was joined first.
                     * @example ws_01m85jgbmk
                     */
                    readonly workspaceId?: string;
                };
            };
        };
        readonly responses: {
            /** @description The login. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": {
                     *         "id": "usr_01m85jgbmk",
                     *         "email": "ada@example.com",
                     *         "name": "Ada Lovelace"
                     *       },
                     *       "workspace": {
                     *         "id": "ws_01m85jgbmk",
                     *         "name": "Ada Lovelace's workspace"
                     *       },
                     *       "accessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDFtODVqZ2JtayJ9.tYAsDkBgPPMQ0Xfxyd9u2VX1",
                     *       "refreshToken": "g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s",
                     *       "expiresInMs": 900000
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `BAD_CREDENTIALS` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BAD_CREDENTIALS",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BAD_CREDENTIALS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BAD_CREDENTIALS";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `NO_WORKSPACE` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:NO_WORKSPACE",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "NO_WORKSPACE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "NO_WORKSPACE";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_ATTEMPTS`, `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_ATTEMPTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_ATTEMPTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_ATTEMPTS" | "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly authLogOut: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /** @example g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s */
                    readonly refreshToken?: string;
                };
            };
        };
        readonly responses: {
            /** @description The login has ended. */
            readonly 204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOKEN_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOKEN_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly authRefresh: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @example g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s */
                    readonly refreshToken: string;
                };
            };
        };
        readonly responses: {
            /** @description The next pair of tokens. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDFtODVqZ2JtayJ9.tYAsDkBgPPMQ0Xfxyd9u2VX1",
                     *       "refreshToken": "g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s",
                     *       "expiresInMs": 900000
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SessionTokens"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `REFRESH_EXPIRED`, `REFRESH_INVALID`, `REFRESH_REUSED`, `REFRESH_REVOKED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:REFRESH_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "REFRESH_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "REFRESH_EXPIRED" | "REFRESH_INVALID" | "REFRESH_REUSED" | "REFRESH_REVOKED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly authRegister: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description Compared without regard to case.
                     * @example ada@example.com
                     */
                    readonly email: string;
                    /**
                     * @description 1 to 100 characters.
                     * @example Ada Lovelace
                     */
                    readonly name?: string;
                    /**
                     * @description 12 to 200 characters.
                     * @example correct horse battery
                     */
                    readonly password: string;
                };
            };
        };
        readonly responses: {
            /** @description The login. */
            readonly 201: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": {
                     *         "id": "usr_01m85jgbmk",
                     *         "email": "ada@example.com",
                     *         "name": "Ada Lovelace"
                     *       },
                     *       "workspace": {
                     *         "id": "ws_01m85jgbmk",
                     *         "name": "Ada Lovelace's workspace"
                     *       },
                     *       "accessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDFtODVqZ2JtayJ9.tYAsDkBgPPMQ0Xfxyd9u2VX1",
                     *       "refreshToken": "g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s",
                     *       "expiresInMs": 900000
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Conflict: `EMAIL_TAKEN`, `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:EMAIL_TAKEN",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "EMAIL_TAKEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "EMAIL_TAKEN" | "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_KEY_REUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_KEY_REUSED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_KEY_REUSED";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly credentialTypesList: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All of them, on one page. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["CredentialType"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly credentialsList: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page, newest first. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Credential"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_CURSOR",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_CURSOR"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly credentialsCreate: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "Payments API",
                 *       "type": "http.bearer",
                 *       "data": {
                 *         "token": "a-token-of-theirs"
                 *       },
                 *       "allowedHosts": [
                 *         "api.example.com"
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["NewCredential"];
            };
        };
        readonly responses: {
            /** @description It is stored. */
            readonly 201: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    readonly location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "cr_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j",
                     *       "name": "Payments API",
                     *       "type": "http.bearer",
                     *       "allowedHosts": [
                     *         "api.example.com"
                     *       ],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_ANSWER_NOT_KEPT",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_ANSWER_NOT_KEPT"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `CREDENTIAL_LIMIT_REACHED`, `IDEMPOTENCY_KEY_REUSED` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:CREDENTIAL_LIMIT_REACHED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "CREDENTIAL_LIMIT_REACHED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "CREDENTIAL_LIMIT_REACHED" | "IDEMPOTENCY_KEY_REUSED";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly credentialsGet: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `cr_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The credential, without its data. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "cr_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j",
                     *       "name": "Payments API",
                     *       "type": "http.bearer",
                     *       "allowedHosts": [
                     *         "api.example.com"
                     *       ],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `CREDENTIAL_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:CREDENTIAL_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "CREDENTIAL_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "CREDENTIAL_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly credentialsDelete: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `cr_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is gone. */
            readonly 204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `CREDENTIAL_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:CREDENTIAL_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "CREDENTIAL_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "CREDENTIAL_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Conflict: `CREDENTIAL_IN_USE` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:CREDENTIAL_IN_USE",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "CREDENTIAL_IN_USE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "CREDENTIAL_IN_USE";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly credentialsChange: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `cr_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "data": {
                 *         "token": "a-newer-token-of-theirs"
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["CredentialChange"];
            };
        };
        readonly responses: {
            /** @description The credential as it is now. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "cr_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j",
                     *       "name": "Payments API",
                     *       "type": "http.bearer",
                     *       "allowedHosts": [
                     *         "api.example.com"
                     *       ],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `CREDENTIAL_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:CREDENTIAL_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "CREDENTIAL_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "CREDENTIAL_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly executionsList: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                /** @description Created at or after. */
                readonly from?: string;
                readonly limit?: number;
                /** @description Where this node took part: it was reached and not skipped. */
                readonly nodeId?: string;
                /** @description Where all these words occur in input, output or error, in any case. Whole words, and whole of what is joined: a text with `A-17` is found by `A-17`, `a` and `17`, one with `ada@example.com` also by `example.com`. Texts and numbers count, names of fields do not. Of an execution the first 256 words are known, each by its first 64 characters; values above 64 KiB are not searched. */
                readonly q?: string;
                readonly status?: "queued" | "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "timedOut";
                /** @description Created before. */
                readonly to?: string;
                /** @description Type of the node that started it. */
                readonly trigger?: string;
                readonly workflowId?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of executions. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Execution"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_CURSOR",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_CURSOR"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly executionsGet: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `ex_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The execution. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "workflowId": "wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
                     *       "workflowVersion": 1,
                     *       "status": "succeeded",
                     *       "trigger": {
                     *         "type": "trigger.manual",
                     *         "nodeId": "order"
                     *       },
                     *       "input": {
                     *         "body": {
                     *           "orderId": "A-17",
                     *           "amount": 250
                     *         }
                     *       },
                     *       "output": {
                     *         "id": "A-17",
                     *         "text": "Order A-17 is big"
                     *       },
                     *       "error": null,
                     *       "nodes": [
                     *         {
                     *           "nodeId": "order",
                     *           "type": "trigger.manual",
                     *           "status": "succeeded",
                     *           "attempts": 1,
                     *           "startedAt": "2026-11-23T10:00:00.000Z",
                     *           "finishedAt": "2026-11-23T10:00:00.000Z",
                     *           "output": {
                     *             "body": {
                     *               "orderId": "A-17",
                     *               "amount": 250
                     *             }
                     *           },
                     *           "error": null
                     *         },
                     *         {
                     *           "nodeId": "shape",
                     *           "type": "set",
                     *           "status": "succeeded",
                     *           "attempts": 1,
                     *           "startedAt": "2026-11-23T10:00:00.004Z",
                     *           "finishedAt": "2026-11-23T10:00:00.004Z",
                     *           "output": {
                     *             "id": "A-17",
                     *             "text": "Order A-17 is big"
                     *           },
                     *           "error": null
                     *         }
                     *       ],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "startedAt": "2026-11-23T10:00:00.004Z",
                     *       "finishedAt": "2026-11-23T10:00:00.004Z",
                     *       "durationMs": 0,
                     *       "parentExecutionId": null,
                     *       "forkedFrom": null,
                     *       "waitingOn": null
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Execution"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:EXECUTION_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "EXECUTION_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly executionsEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description Only events after this version; `nextCursor` of the page before. */
                readonly cursor?: number;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @description Begins with `ex_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of events. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["ExecutionEvent"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                    /**
                     * @example {
                     *       "version": 3,
                     *       "type": "NodeSucceeded",
                     *       "at": "2026-11-23T10:00:00.004Z",
                     *       "data": {
                     *         "nodeId": "shape",
                     *         "attempt": 1,
                     *         "output": {
                     *           "id": "A-17"
                     *         },
                     *         "leavesBy": [
                     *           "main"
                     *         ]
                     *       }
                     *     }
                     */
                    readonly "application/x-ndjson": components["schemas"]["ExecutionEvent"];
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_CURSOR",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_CURSOR"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:EXECUTION_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "EXECUTION_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly meMe: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The caller, the workspace and the role. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": {
                     *         "id": "usr_01m85jgbmk",
                     *         "email": "ada@example.com",
                     *         "name": "Ada Lovelace"
                     *       },
                     *       "apiKey": null,
                     *       "workspace": {
                     *         "id": "ws_01m85jgbmk",
                     *         "name": "Ada Lovelace's workspace"
                     *       },
                     *       "role": "owner",
                     *       "workspaces": [
                     *         {
                     *           "id": "ws_01m85jgbmk",
                     *           "name": "Ada Lovelace's workspace",
                     *           "role": "owner"
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly membersList: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page; who joined last is first. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Member"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_CURSOR",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_CURSOR"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly membersAdd: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description Compared without regard to case.
                     * @example ada@example.com
                     */
                    readonly email: string;
                    /**
                     * @description `auditor` reads executions, their events and the audit, and nothing else.
                     * @enum {string}
                     */
                    readonly role: "owner" | "editor" | "viewer" | "auditor";
                };
            };
        };
        readonly responses: {
            /** @description The member. */
            readonly 201: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    readonly location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "userId": "usr_01m85jgbmk",
                     *       "email": "ada@example.com",
                     *       "name": "Ada Lovelace",
                     *       "role": "editor",
                     *       "joinedAt": "2026-06-01T12:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Member"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Conflict: `ALREADY_MEMBER`, `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:ALREADY_MEMBER",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "ALREADY_MEMBER"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "ALREADY_MEMBER" | "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `NO_SUCH_ACCOUNT`, `TOO_MANY_MEMBERS` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_KEY_REUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_KEY_REUSED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_KEY_REUSED" | "NO_SUCH_ACCOUNT" | "TOO_MANY_MEMBERS";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly membersGet: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `usr_`. */
                readonly userId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The member. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "userId": "usr_01m85jgbmk",
                     *       "email": "ada@example.com",
                     *       "name": "Ada Lovelace",
                     *       "role": "editor",
                     *       "joinedAt": "2026-06-01T12:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Member"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `USER_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:USER_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "USER_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "USER_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly membersRemove: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `usr_`. */
                readonly userId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description They are no member any more; other processes notice within 5 seconds. */
            readonly 204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `USER_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:USER_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "USER_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "USER_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Conflict: `LAST_OWNER` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:LAST_OWNER",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "LAST_OWNER"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "LAST_OWNER";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly membersChange: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `usr_`. */
                readonly userId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description `auditor` reads executions, their events and the audit, and nothing else.
                     * @enum {string}
                     */
                    readonly role: "owner" | "editor" | "viewer" | "auditor";
                };
            };
        };
        readonly responses: {
            /** @description The member. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "userId": "usr_01m85jgbmk",
                     *       "email": "ada@example.com",
                     *       "name": "Ada Lovelace",
                     *       "role": "editor",
                     *       "joinedAt": "2026-06-01T12:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Member"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `USER_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:USER_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "USER_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "USER_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Conflict: `LAST_OWNER` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:LAST_OWNER",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "LAST_OWNER"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "LAST_OWNER";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly nodeTypesList: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All of them, on one page. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["NodeType"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly variablesList: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page, newest first. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Variable"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_CURSOR",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_CURSOR"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly variablesCreate: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "region",
                 *       "value": "eu"
                 *     }
                 */
                readonly "application/json": components["schemas"]["NewVariable"];
            };
        };
        readonly responses: {
            /** @description It exists. */
            readonly 201: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    readonly location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "region",
                     *       "value": "eu",
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Variable"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE`, `VARIABLE_EXISTS` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_ANSWER_NOT_KEPT",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_ANSWER_NOT_KEPT"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE" | "VARIABLE_EXISTS";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `VARIABLES_TOO_LARGE`, `VARIABLE_LIMIT_REACHED` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_KEY_REUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_KEY_REUSED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_KEY_REUSED" | "VARIABLES_TOO_LARGE" | "VARIABLE_LIMIT_REACHED";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY`, `VARIABLES_CONTENDED` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY" | "VARIABLES_CONTENDED";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly variablesGet: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The variable. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "region",
                     *       "value": "eu",
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Variable"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `VARIABLE_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:VARIABLE_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "VARIABLE_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "VARIABLE_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly variablesDelete: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is gone. */
            readonly 204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `VARIABLE_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:VARIABLE_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "VARIABLE_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "VARIABLE_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY`, `VARIABLES_CONTENDED` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY" | "VARIABLES_CONTENDED";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly variablesChange: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "value": "us"
                 *     }
                 */
                readonly "application/json": components["schemas"]["VariableChange"];
            };
        };
        readonly responses: {
            /** @description The variable as it is now. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "region",
                     *       "value": "eu",
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Variable"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `VARIABLE_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:VARIABLE_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "VARIABLE_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "VARIABLE_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `VARIABLES_TOO_LARGE` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:VARIABLES_TOO_LARGE",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "VARIABLES_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "VARIABLES_TOO_LARGE";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY`, `VARIABLES_CONTENDED` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY" | "VARIABLES_CONTENDED";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowsList: {
        readonly parameters: {
            readonly query?: {
                readonly active?: "true" | "false";
                readonly cursor?: string;
                readonly limit?: number;
                readonly q?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of workflows. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Workflow"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_CURSOR",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_CURSOR"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowsCreate: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "Big orders",
                 *       "nodes": [
                 *         {
                 *           "id": "order",
                 *           "type": "trigger.webhook",
                 *           "config": {
                 *             "method": "POST"
                 *           }
                 *         },
                 *         {
                 *           "id": "big",
                 *           "type": "if",
                 *           "config": {
                 *             "condition": "{{ trigger.body.amount > 100 }}"
                 *           }
                 *         },
                 *         {
                 *           "id": "notify",
                 *           "type": "http.request",
                 *           "config": {
                 *             "method": "POST",
                 *             "url": "https://example.com/big",
                 *             "json": {
                 *               "id": "{{ trigger.body.orderId }}"
                 *             }
                 *           },
                 *           "retry": {
                 *             "maxAttempts": 5,
                 *             "backoff": "exponential",
                 *             "initialMs": 1000,
                 *             "maxMs": 60000,
                 *             "jitter": true
                 *           },
                 *           "timeoutMs": 10000,
                 *           "onError": "fail"
                 *         }
                 *       ],
                 *       "connections": [
                 *         {
                 *           "from": "order",
                 *           "to": "big",
                 *           "output": "main"
                 *         },
                 *         {
                 *           "from": "big",
                 *           "to": "notify",
                 *           "output": "true"
                 *         }
                 *       ],
                 *       "settings": {
                 *         "timeoutMs": 3600000,
                 *         "priority": "normal"
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["WorkflowDefinition"];
            };
        };
        readonly responses: {
            /** @description Created. */
            readonly 201: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    readonly location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Stored; reads will show it in a moment. */
            readonly 202: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    readonly location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_ANSWER_NOT_KEPT",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_ANSWER_NOT_KEPT"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `INVALID_WORKFLOW` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_KEY_REUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_KEY_REUSED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_KEY_REUSED" | "INVALID_WORKFLOW";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowsGet: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description An `ETag` that the caller has; 304 when it is still that. */
                readonly "if-none-match"?: string;
            };
            readonly path: {
                /** @description Begins with `wf_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The workflow at its latest version. */
            readonly 200: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description The caller has it already. */
            readonly 304: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowsPublish: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The `ETag` of the version that was changed; 428 without it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                /** @description Begins with `wf_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "Big orders",
                 *       "nodes": [
                 *         {
                 *           "id": "order",
                 *           "type": "trigger.webhook",
                 *           "config": {
                 *             "method": "POST"
                 *           }
                 *         },
                 *         {
                 *           "id": "big",
                 *           "type": "if",
                 *           "config": {
                 *             "condition": "{{ trigger.body.amount > 100 }}"
                 *           }
                 *         },
                 *         {
                 *           "id": "notify",
                 *           "type": "http.request",
                 *           "config": {
                 *             "method": "POST",
                 *             "url": "https://example.com/big",
                 *             "json": {
                 *               "id": "{{ trigger.body.orderId }}"
                 *             }
                 *           },
                 *           "retry": {
                 *             "maxAttempts": 5,
                 *             "backoff": "exponential",
                 *             "initialMs": 1000,
                 *             "maxMs": 60000,
                 *             "jitter": true
                 *           },
                 *           "timeoutMs": 10000,
                 *           "onError": "fail"
                 *         }
                 *       ],
                 *       "connections": [
                 *         {
                 *           "from": "order",
                 *           "to": "big",
                 *           "output": "main"
                 *         },
                 *         {
                 *           "from": "big",
                 *           "to": "notify",
                 *           "output": "true"
                 *         }
                 *       ],
                 *       "settings": {
                 *         "timeoutMs": 3600000,
                 *         "priority": "normal"
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["WorkflowDefinition"];
            };
        };
        readonly responses: {
            /** @description The workflow as it is now. */
            readonly 200: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Stored; reads will show it in a moment. */
            readonly 202: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Precondition Failed: `IF_MATCH_NO_MATCH`, `WORKFLOW_CHANGED` */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IF_MATCH_NO_MATCH",
                     *       "title": "Precondition Failed",
                     *       "status": 412,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IF_MATCH_NO_MATCH"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IF_MATCH_NO_MATCH" | "WORKFLOW_CHANGED";
                        /** @constant */
                        readonly status: 412;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `INVALID_WORKFLOW` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_WORKFLOW",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_WORKFLOW"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_WORKFLOW";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Precondition Required: `IF_MATCH_REQUIRED` */
            readonly 428: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IF_MATCH_REQUIRED",
                     *       "title": "Precondition Required",
                     *       "status": 428,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IF_MATCH_REQUIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IF_MATCH_REQUIRED";
                        /** @constant */
                        readonly status: 428;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowsArchive: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `wf_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Stored; reads will show it in a moment. */
            readonly 202: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Archived. */
            readonly 204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowActivationActivate: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `wf_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /** @description Default: the latest. An older one is a rollback. */
                    readonly version?: number;
                } | null;
            };
        };
        readonly responses: {
            /** @description The workflow as it is now. */
            readonly 200: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Stored; reads will show it in a moment. */
            readonly 202: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `INVALID_WORKFLOW` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_WORKFLOW",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_WORKFLOW"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_WORKFLOW";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowActivationDeactivate: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `wf_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The workflow as it is now. */
            readonly 200: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Stored; reads will show it in a moment. */
            readonly 202: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly startExecutionsStart: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                readonly "idempotency-key"?: string;
                /** @description `wait=N` waits up to N seconds, at most 60, for the end (RFC 7240). */
                readonly prefer?: string;
            };
            readonly path: {
                /** @description Begins with `wf_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description Any JSON: the trigger's `body`. Default null.
                     * @example {
                     *       "orderId": "A-17",
                     *       "amount": 250
                     *     }
                     */
                    readonly input?: unknown;
                    /** @constant */
                    readonly mode?: "live";
                    /** @description Default: the active one, else the latest. */
                    readonly version?: number;
                } | null;
            };
        };
        readonly responses: {
            /** @description It ended while the caller waited. */
            readonly 200: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    readonly location: string;
                    /** @description The wait that was granted. */
                    readonly "preference-applied": string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "workflowId": "wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
                     *       "workflowVersion": 1,
                     *       "status": "succeeded",
                     *       "trigger": {
                     *         "type": "trigger.manual",
                     *         "nodeId": "order"
                     *       },
                     *       "input": {
                     *         "body": {
                     *           "orderId": "A-17",
                     *           "amount": 250
                     *         }
                     *       },
                     *       "output": {
                     *         "id": "A-17",
                     *         "text": "Order A-17 is big"
                     *       },
                     *       "error": null,
                     *       "nodes": [
                     *         {
                     *           "nodeId": "order",
                     *           "type": "trigger.manual",
                     *           "status": "succeeded",
                     *           "attempts": 1,
                     *           "startedAt": "2026-11-23T10:00:00.000Z",
                     *           "finishedAt": "2026-11-23T10:00:00.000Z",
                     *           "output": {
                     *             "body": {
                     *               "orderId": "A-17",
                     *               "amount": 250
                     *             }
                     *           },
                     *           "error": null
                     *         },
                     *         {
                     *           "nodeId": "shape",
                     *           "type": "set",
                     *           "status": "succeeded",
                     *           "attempts": 1,
                     *           "startedAt": "2026-11-23T10:00:00.004Z",
                     *           "finishedAt": "2026-11-23T10:00:00.004Z",
                     *           "output": {
                     *             "id": "A-17",
                     *             "text": "Order A-17 is big"
                     *           },
                     *           "error": null
                     *         }
                     *       ],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "startedAt": "2026-11-23T10:00:00.004Z",
                     *       "finishedAt": "2026-11-23T10:00:00.004Z",
                     *       "durationMs": 0,
                     *       "parentExecutionId": null,
                     *       "forkedFrom": null,
                     *       "waitingOn": null
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Execution"];
                };
            };
            /** @description It was started. */
            readonly 202: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    readonly location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["StartedExecution"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_ANSWER_NOT_KEPT",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_ANSWER_NOT_KEPT"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `NO_TRIGGER` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_KEY_REUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_KEY_REUSED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_KEY_REUSED" | "NO_TRIGGER";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowExchangeExport: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `wf_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description To be imported as it is. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "format": "millrace.workflow/1",
                     *       "workflow": {
                     *         "name": "Big orders",
                     *         "nodes": [
                     *           {
                     *             "id": "order",
                     *             "type": "trigger.webhook",
                     *             "config": {
                     *               "method": "POST"
                     *             }
                     *           },
                     *           {
                     *             "id": "big",
                     *             "type": "if",
                     *             "config": {
                     *               "condition": "{{ trigger.body.amount > 100 }}"
                     *             }
                     *           },
                     *           {
                     *             "id": "notify",
                     *             "type": "http.request",
                     *             "config": {
                     *               "method": "POST",
                     *               "url": "https://example.com/big",
                     *               "json": {
                     *                 "id": "{{ trigger.body.orderId }}"
                     *               }
                     *             },
                     *             "retry": {
                     *               "maxAttempts": 5,
                     *               "backoff": "exponential",
                     *               "initialMs": 1000,
                     *               "maxMs": 60000,
                     *               "jitter": true
                     *             },
                     *             "timeoutMs": 10000,
                     *             "onError": "fail"
                     *           }
                     *         ],
                     *         "connections": [
                     *           {
                     *             "from": "order",
                     *             "to": "big",
                     *             "output": "main"
                     *           },
                     *           {
                     *             "from": "big",
                     *             "to": "notify",
                     *             "output": "true"
                     *           }
                     *         ],
                     *         "settings": {
                     *           "timeoutMs": 3600000,
                     *           "priority": "normal"
                     *         }
                     *       },
                     *       "requires": {
                     *         "credentials": []
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ExportedWorkflow"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowVersionsList: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @description Begins with `wf_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of versions. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["WorkflowVersionSummary"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_CURSOR",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_CURSOR"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowVersionsDiff: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly a: number;
                readonly b: number;
                /** @description Begins with `wf_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What turns version `a` into version `b`. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from": 1,
                     *       "to": 2,
                     *       "nodes": {
                     *         "added": [],
                     *         "removed": [],
                     *         "changed": [
                     *           {
                     *             "id": "notify",
                     *             "changes": [
                     *               {
                     *                 "path": "config.url",
                     *                 "before": "https://example.com/big",
                     *                 "after": "https://example.com/huge"
                     *               }
                     *             ]
                     *           }
                     *         ]
                     *       },
                     *       "connections": {
                     *         "added": [],
                     *         "removed": [
                     *           {
                     *             "from": "order",
                     *             "to": "big",
                     *             "output": "main"
                     *           }
                     *         ]
                     *       },
                     *       "settings": [
                     *         {
                     *           "path": "timeoutMs",
                     *           "before": 3600000
                     *         }
                     *       ],
                     *       "reordered": []
                     *     }
                     */
                    readonly "application/json": components["schemas"]["WorkflowVersionDiff"];
                };
            };
            /** @description Bad Request: `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_REQUEST",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_REQUEST"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_REQUEST";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowVersionsGet: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description An `ETag` that the caller has; 304 when it is still that. */
                readonly "if-none-match"?: string;
            };
            readonly path: {
                /** @description Begins with `wf_`. */
                readonly id: string;
                readonly n: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The version. It never changes. */
            readonly 200: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "version": 1,
                     *       "contentHash": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "createdBy": {
                     *         "type": "user",
                     *         "id": "usr_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
                     *       },
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "warnings": []
                     *     }
                     */
                    readonly "application/json": components["schemas"]["WorkflowVersion"];
                };
            };
            /** @description The caller has it already. */
            readonly 304: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_REQUEST",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_REQUEST"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INVALID_REQUEST";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowActivationWebhooks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Begins with `wf_`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All of them. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Webhook"][];
                        /** @description Give it as `cursor` to get the next page; null on the last. */
                        readonly nextCursor: string | null;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:WORKFLOW_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "WORKFLOW_NOT_FOUND"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        readonly status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowExchangeImport: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "format": "millrace.workflow/1",
                 *       "workflow": {
                 *         "name": "Big orders",
                 *         "nodes": [
                 *           {
                 *             "id": "order",
                 *             "type": "trigger.webhook",
                 *             "config": {
                 *               "method": "POST"
                 *             }
                 *           },
                 *           {
                 *             "id": "big",
                 *             "type": "if",
                 *             "config": {
                 *               "condition": "{{ trigger.body.amount > 100 }}"
                 *             }
                 *           },
                 *           {
                 *             "id": "notify",
                 *             "type": "http.request",
                 *             "config": {
                 *               "method": "POST",
                 *               "url": "https://example.com/big",
                 *               "json": {
                 *                 "id": "{{ trigger.body.orderId }}"
                 *               }
                 *             },
                 *             "retry": {
                 *               "maxAttempts": 5,
                 *               "backoff": "exponential",
                 *               "initialMs": 1000,
                 *               "maxMs": 60000,
                 *               "jitter": true
                 *             },
                 *             "timeoutMs": 10000,
                 *             "onError": "fail"
                 *           }
                 *         ],
                 *         "connections": [
                 *           {
                 *             "from": "order",
                 *             "to": "big",
                 *             "output": "main"
                 *           },
                 *           {
                 *             "from": "big",
                 *             "to": "notify",
                 *             "output": "true"
                 *           }
                 *         ],
                 *         "settings": {
                 *           "timeoutMs": 3600000,
                 *           "priority": "normal"
                 *         }
                 *       },
                 *       "requires": {
                 *         "credentials": []
                 *       },
                 *       "credentials": {}
                 *     }
                 */
                readonly "application/json": components["schemas"]["ImportableWorkflow"];
            };
        };
        readonly responses: {
            /** @description Created. */
            readonly 201: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    readonly location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Stored; reads will show it in a moment. */
            readonly 202: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    readonly etag: string;
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    readonly "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    readonly location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "name": "Big orders",
                     *       "nodes": [
                     *         {
                     *           "id": "order",
                     *           "type": "trigger.webhook",
                     *           "config": {
                     *             "method": "POST"
                     *           }
                     *         },
                     *         {
                     *           "id": "big",
                     *           "type": "if",
                     *           "config": {
                     *             "condition": "{{ trigger.body.amount > 100 }}"
                     *           }
                     *         },
                     *         {
                     *           "id": "notify",
                     *           "type": "http.request",
                     *           "config": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "{{ trigger.body.orderId }}"
                     *             }
                     *           },
                     *           "retry": {
                     *             "maxAttempts": 5,
                     *             "backoff": "exponential",
                     *             "initialMs": 1000,
                     *             "maxMs": 60000,
                     *             "jitter": true
                     *           },
                     *           "timeoutMs": 10000,
                     *           "onError": "fail"
                     *         }
                     *       ],
                     *       "connections": [
                     *         {
                     *           "from": "order",
                     *           "to": "big",
                     *           "output": "main"
                     *         },
                     *         {
                     *           "from": "big",
                     *           "to": "notify",
                     *           "output": "true"
                     *         }
                     *       ],
                     *       "settings": {
                     *         "timeoutMs": 3600000,
                     *         "priority": "normal"
                     *       },
                     *       "version": 1,
                     *       "active": false,
                     *       "activeVersion": null,
                     *       "warnings": [],
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "updatedAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_ANSWER_NOT_KEPT",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_ANSWER_NOT_KEPT"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        readonly status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `INVALID_WORKFLOW` */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:IDEMPOTENCY_KEY_REUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "IDEMPOTENCY_KEY_REUSED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "IDEMPOTENCY_KEY_REUSED" | "INVALID_WORKFLOW";
                        /** @constant */
                        readonly status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
    readonly workflowsValidate: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "Big orders",
                 *       "nodes": [
                 *         {
                 *           "id": "order",
                 *           "type": "trigger.webhook",
                 *           "config": {
                 *             "method": "POST"
                 *           }
                 *         },
                 *         {
                 *           "id": "big",
                 *           "type": "if",
                 *           "config": {
                 *             "condition": "{{ trigger.body.amount > 100 }}"
                 *           }
                 *         },
                 *         {
                 *           "id": "notify",
                 *           "type": "http.request",
                 *           "config": {
                 *             "method": "POST",
                 *             "url": "https://example.com/big",
                 *             "json": {
                 *               "id": "{{ trigger.body.orderId }}"
                 *             }
                 *           },
                 *           "retry": {
                 *             "maxAttempts": 5,
                 *             "backoff": "exponential",
                 *             "initialMs": 1000,
                 *             "maxMs": 60000,
                 *             "jitter": true
                 *           },
                 *           "timeoutMs": 10000,
                 *           "onError": "fail"
                 *         }
                 *       ],
                 *       "connections": [
                 *         {
                 *           "from": "order",
                 *           "to": "big",
                 *           "output": "main"
                 *         },
                 *         {
                 *           "from": "big",
                 *           "to": "notify",
                 *           "output": "true"
                 *         }
                 *       ],
                 *       "settings": {
                 *         "timeoutMs": 3600000,
                 *         "priority": "normal"
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["WorkflowDefinition"];
            };
        };
        readonly responses: {
            /** @description What was found. */
            readonly 200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    readonly ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    readonly "ratelimit-policy"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "valid": false,
                     *       "problems": [
                     *         {
                     *           "path": "nodes[2].config.url",
                     *           "message": "is required"
                     *         }
                     *       ],
                     *       "warnings": []
                     *     }
                     */
                    readonly "application/json": components["schemas"]["WorkflowValidation"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INCOMPLETE_BODY",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INCOMPLETE_BODY"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        readonly status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:API_KEY_EXPIRED",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "API_KEY_EXPIRED"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        readonly status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:FORBIDDEN",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "FORBIDDEN"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "FORBIDDEN";
                        /** @constant */
                        readonly status: 403;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_TOO_LARGE",
                     *       "title": "Payload Too Large",
                     *       "status": 413,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_TOO_LARGE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "BODY_TOO_LARGE";
                        /** @constant */
                        readonly status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:UNSUPPORTED_MEDIA_TYPE",
                     *       "title": "Unsupported Media Type",
                     *       "status": 415,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "UNSUPPORTED_MEDIA_TYPE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        readonly status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            readonly 429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_REQUESTS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_REQUESTS"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        readonly status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            readonly 503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    readonly "retry-after": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DATABASE_UNAVAILABLE",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DATABASE_UNAVAILABLE"
                     *     }
                     */
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        readonly code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        readonly status: 503;
                    };
                };
            };
        };
    };
}
