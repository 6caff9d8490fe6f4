// Made by `npm run client` from /openapi.json. Not edited by hand: change what the routes declare.

export interface paths {
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the description as a page
         * @description Works offline: everything it needs comes from this server.
         */
        get: operations["openApiPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a part of the page */
        get: operations["openApiAsset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell that the process runs */
        get: operations["healthLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell whether the process can work */
        get: operations["healthReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hooks/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Call a webhook
         * @description Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call: at once, or, when the webhook says so, with the result of the execution or with what its `respond` node says, which may have any status, headers and body.
         */
        get: operations["webhookCallGet"];
        /**
         * Call a webhook
         * @description Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call: at once, or, when the webhook says so, with the result of the execution or with what its `respond` node says, which may have any status, headers and body.
         */
        put: operations["webhookCallPut"];
        /**
         * Call a webhook
         * @description Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call: at once, or, when the webhook says so, with the result of the execution or with what its `respond` node says, which may have any status, headers and body.
         */
        post: operations["webhookCallPost"];
        /**
         * Call a webhook
         * @description Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call: at once, or, when the webhook says so, with the result of the execution or with what its `respond` node says, which may have any status, headers and body.
         */
        delete: operations["webhookCallDelete"];
        options?: never;
        head?: never;
        /**
         * Call a webhook
         * @description Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call: at once, or, when the webhook says so, with the result of the execution or with what its `respond` node says, which may have any status, headers and body.
         */
        patch: operations["webhookCallPatch"];
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell metrics of the process */
        get: operations["metricsMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Describe the API */
        get: operations["openApiDescribe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/resume/{executionId}/{nodeId}/{signature}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume a waiting node by its URL
         * @description The URL stands in `waitingOn.resumeUrl` of the execution, and for nodes before it in `execution.resumeUrls.<nodeId>`. It works once, while the node waits.
         */
        post: operations["resumeResume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the API keys */
        get: operations["apiKeysList"];
        put?: never;
        /**
         * Create an API key
         * @description A key belongs to the workspace, not to whoever made it, and works until it expires or is deleted. At most 100 in a workspace.
         */
        post: operations["apiKeysCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an API key */
        get: operations["apiKeysGet"];
        put?: never;
        post?: never;
        /** Delete an API key */
        delete: operations["apiKeysDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in
         * @description After 10 failures for one address, or 100 from one network, within 15 minutes, 429 with `Retry-After`, `RateLimit-Policy` and `RateLimit`, whether the address is known or not, until the 15 minutes are over. A login that succeeds clears what its address has failed.
         */
        post: operations["authLogIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log out
         * @description Ends the login of the refresh token in the body, or else of the access token sent as a bearer. The access token itself works until it expires, at most 15 minutes.
         */
        post: operations["authLogOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get new tokens for a refresh token
         * @description Each refresh token works once; when one comes a second time, somebody has a copy, and the whole login ends. A client that refreshes from several places at once must share the answer.
         */
        post: operations["authRefresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register
         * @description A new user, who owns a new workspace, and is logged in.
         */
        post: operations["authRegister"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/circuits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the circuits
         * @description Destinations of this workspace whose calls failed lately, or that asked for a pause. When of at least 10 calls within 30 s half failed (no connection, time-out, 5xx, 429), the circuit opens: attempts wait without being used up, for 5 s at first and twice as long after each probe that failed, up to 5 minutes. Healthy destinations are not listed.
         */
        get: operations["circuitsList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/circuits/{key}/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reset a circuit
         * @description Closes it and forgets failures and pauses; attempts that come from now on pass. Those that wait already come at their instant.
         */
        post: operations["circuitsReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credential-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the types of credentials */
        get: operations["credentialTypesList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the credentials */
        get: operations["credentialsList"];
        put?: never;
        /**
         * Store a credential
         * @description A workspace has at most 1,000, each with data of at most 16 KiB as JSON. The data is encrypted, handed only to nodes of this workspace that name the credential, and never shown again.
         */
        post: operations["credentialsCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credentials/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a credential */
        get: operations["credentialsGet"];
        put?: never;
        post?: never;
        /**
         * Delete a credential
         * @description One that an active workflow uses stays: the answer then has the ids of these workflows as `path` of its `errors`.
         */
        delete: operations["credentialsDelete"];
        options?: never;
        head?: never;
        /**
         * Change a credential
         * @description Name, data as a whole, allowed hosts. Attempts that begin after the answer use what is new. Hosts that were not allowed before, or an empty list after hosts, are taken only with `data` in the same request: who does not know the secret could otherwise have it sent to a host of their own.
         */
        patch: operations["credentialsChange"];
        trace?: never;
    };
    "/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List dead letters
         * @description Newest first, in any combination of filters. Those that are open, unless asked otherwise.
         */
        get: operations["deadLettersList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a dead letter */
        get: operations["deadLettersGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{id}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Discard a dead letter
         * @description Its work will not be done; it stays readable. Discarding it again changes nothing.
         */
        post: operations["deadLettersDiscard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{id}/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Redrive a dead letter
         * @description Starts a new execution of the same workflow version with the same input, which keeps the results before the node that failed; that node and all that was not over run again. Asked again, it answers the same execution. When that one fails too, it has a dead letter of its own. Poison is handed to the workers again, in its own execution.
         */
        post: operations["deadLettersRedrive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Redrive many dead letters
         * @description Those that are open now and match the filter, oldest first, at most 10000 of them. The server does it at its own pace, whatever is restarted meanwhile; follow the job at `Location`.
         */
        post: operations["redrivesRedrive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/redrives/{jobId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a job that redrives many dead letters
         * @description Kept for 30 days. Its figures are saved once a second.
         */
        get: operations["redrivesGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/{id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a delivery again
         * @description Starts another execution with the same trigger output, of the version that is active now. It is not verified, counted or held to be a duplicate again. Of a call that was not accepted nothing is kept to send.
         */
        post: operations["deliveriesRedeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List executions
         * @description Newest first, in any combination of filters. A page has fewer than `limit` items, though more follow, when they hold more than 16 MiB of values.
         */
        get: operations["executionsList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an execution
         * @description Readable as soon as its id was given out.
         */
        get: operations["executionsGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/bundle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download an execution as a replay bundle
         * @description Its whole history with all values, the definition that it ran with, and a hash of each event, in one JSON document that `npm run replay` verifies and replays offline. The same history gives the same bytes.
         */
        get: operations["replaysBundle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an execution
         * @description In whatever state it is: nodes that run are told to stop, timers are dropped, executions that it waits for are cancelled too, and what comes in later changes nothing. One that is over stays as it is.
         */
        post: operations["steeringCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an execution's history
         * @description Oldest first: by pages, or the whole of it as lines of JSON with `Accept: application/x-ndjson`.
         */
        get: operations["executionsEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/fork": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fork an execution
         * @description Starts a new execution that shares the history up to event `at` and goes on from there: what had a result by then is not done again, batches of loops and signals that came included; what was under way begins anew. The execution need not be over, and notices nothing.
         */
        post: operations["continuingFork"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/lineage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read where an execution comes from, and what came of it
         * @description Retries, forks, redrives, calls that were sent again, and executions that executions started. Of descendants the first 500.
         */
        get: operations["continuingLineage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/nodes/{nodeId}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Settle an attempt that is in doubt
         * @description Of a node with `onInterrupted: "ask"`, whose worker died in the middle of an attempt: says what came of it. `GET /v1/in-doubt` lists them.
         */
        post: operations["steeringSettle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay an execution
         * @description Takes all its decisions again, with the version that it ran with or another one, and with every recorded result. Nothing outside is called and nothing is recorded. One that is not over is replayed as far as it went.
         */
        post: operations["replaysReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry an execution
         * @description Starts a new execution with the same input, which keeps the results before the point where it begins again, and goes on from there; of a loop that was stopped, the batches that were done. The one that is retried must be over, and stays as it is; its dead letter, if it has one, is redriven by this.
         */
        post: operations["continuingRetry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/signals/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a signal
         * @description To a `wait.signal` node with this name; kept for it when it does not wait yet.
         */
        post: operations["steeringSignal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an execution as it was
         * @description Exactly as it was after event `version` of its history.
         */
        get: operations["executionsState"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow an execution's events
         * @description Server-sent events: the history so far, then each event as it is recorded, to the last one, with which the stream ends. `id` is the version of the event, `event` its type, `data` the `ExecutionEvent` as JSON. A stream that breaks off is taken up with `Last-Event-ID`; who has the last event of an execution that is over gets 204. A comment comes every 15 seconds without an event, and after 15 minutes the stream ends, to be taken up again.
         */
        get: operations["eventStreamStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel or retry many executions
         * @description Those that match now, at most 10000 of them. The server does it at a bounded rate, whatever is restarted meanwhile; follow the job at `Location`. A retry starts a new execution for each, once.
         */
        post: operations["bulkBegin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/bulk/{jobId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a job that works on many executions
         * @description Kept for 30 days. Its figures are saved once a second.
         */
        get: operations["bulkGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/bulk/{jobId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a job that works on many executions
         * @description It ends within a second or so; what was done stays done.
         */
        post: operations["bulkCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/in-doubt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List attempts in doubt
         * @description Of nodes with `onInterrupted: "ask"`, whose worker died in the middle of an attempt. By execution, newest first.
         */
        get: operations["inDoubtList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell who calls */
        get: operations["meMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the members */
        get: operations["membersList"];
        put?: never;
        /**
         * Add a member
         * @description Somebody who has registered already. At most 500 in a workspace.
         */
        post: operations["membersAdd"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a member */
        get: operations["membersGet"];
        put?: never;
        post?: never;
        /**
         * Remove a member, or leave
         * @description Ends their logins into this workspace; API keys that they made stay. Whoever removes another needs `members:write`. A workspace keeps at least one owner.
         */
        delete: operations["membersRemove"];
        options?: never;
        head?: never;
        /**
         * Change the role of a member
         * @description Takes effect at once; in other processes, within 5 seconds. A workspace keeps at least one owner.
         */
        patch: operations["membersChange"];
        trace?: never;
    };
    "/v1/node-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the node types */
        get: operations["nodeTypesList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the queues
         * @description What waits for workers, in the whole installation and not in a workspace. Executions wait in one of three lanes to be begun, by the priority of their workflow; attempts of nodes wait for hands of their executor class, one queue each. Owners see them; with `MILLRACE_OPERATORS` set, those of the workspaces that it names. All queues are on one page. Figures of what workers did are up to 3 s old.
         */
        get: operations["queuesList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{name}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause a queue
         * @description No worker takes anything from it until it is resumed; what is with a worker goes on. What is accepted meanwhile waits and is not lost. Pausing a paused queue changes nothing.
         */
        post: operations["queuesPause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume a queue
         * @description Resuming a queue that is not paused changes nothing.
         */
        post: operations["queuesResume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/variables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the variables */
        get: operations["variablesList"];
        put?: never;
        /**
         * Create a variable
         * @description Variables are configuration, not secrets: whoever may read executions sees the values that they read. Secrets are credentials. A workspace has at most 200 variables, with 64 KiB of JSON in all. An execution sees the variables as they were when it started, for ever.
         */
        post: operations["variablesCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/variables/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a variable */
        get: operations["variablesGet"];
        put?: never;
        post?: never;
        /**
         * Delete a variable
         * @description An execution that starts later and reads it fails at the expression, as at any missing field.
         */
        delete: operations["variablesDelete"];
        options?: never;
        head?: never;
        /**
         * Change a variable
         * @description Executions that this process starts after the answer see the new value; other processes learn of it within milliseconds. Those that run keep the old one.
         */
        patch: operations["variablesChange"];
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a webhook's deliveries
         * @description Newest first: calls that were accepted, for as long as there is their execution, and those that were refused while the webhook was active, for a configured time. A call is here a moment after its answer.
         */
        get: operations["webhookDeliveriesList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send deliveries again
         * @description Each as if it were sent again alone; some may be refused, and the others start.
         */
        post: operations["webhookDeliveriesRedeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate a webhook's URL
         * @description It gets a new one, which answers at once where the old one did. The webhook stays what it was: its id, its ledger and the ids of calls that it has seen.
         */
        post: operations["webhooksRotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List workflows
         * @description Newest first, each at its latest version.
         */
        get: operations["workflowsList"];
        put?: never;
        /**
         * Create a workflow
         * @description Its definition becomes version 1. Each webhook node gets a URL of its own, which stays through versions.
         */
        post: operations["workflowsCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a workflow */
        get: operations["workflowsGet"];
        /**
         * Publish a new version
         * @description The whole definition. What is active stays active, and running executions keep the version that they started with. A definition that is the same as the latest version makes no new one.
         */
        put: operations["workflowsPublish"];
        post?: never;
        /**
         * Archive a workflow
         * @description It is deactivated and not found any more. Running executions go on to their end; executions and their histories stay readable.
         */
        delete: operations["workflowsArchive"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Activate a version
         * @description Triggers answer to this version from now on. Activating an older one is a rollback.
         */
        post: operations["workflowActivationActivate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}/backfill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Feed calls of a webhook to a workflow
         * @description Calls that were accepted before the workflow was there, or before it listened: each starts it with what the trigger gave then, once for each version however often it is asked for; the oldest first, at most 10000 a job, of which `nextFrom` says where to go on.
         */
        post: operations["bulkBackfill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}/deactivate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deactivate a workflow
         * @description Its triggers start nothing any more, and its webhooks answer 404. Running executions go on.
         */
        post: operations["workflowActivationDeactivate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start an execution
         * @description From the manual trigger, or the first trigger where there is none. Answered at once; with `Prefer: wait=N` (seconds, at most 60) with the execution when it ends in time.
         */
        post: operations["startExecutionsStart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export a workflow
         * @description The latest version as portable JSON, without secrets. Credentials that it names are listed, to be mapped when it is imported.
         */
        get: operations["workflowExchangeExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a workflow's versions
         * @description Newest first, without their definitions.
         */
        get: operations["workflowVersionsList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}/versions/{a}/diff/{b}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare two versions
         * @description Nodes are the same by id, connections by what they connect.
         */
        get: operations["workflowVersionsDiff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}/versions/{n}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a version */
        get: operations["workflowVersionsGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}/versions/{n}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check a version against the last executions
         * @description Replays the last executions of the workflow with this version, active or not, and says which would take another path. Executions that are not over and dry runs are passed by. Calls nothing outside and records nothing; takes at most about 20 s.
         */
        post: operations["versionChecksCheck"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/{id}/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a workflow's webhooks
         * @description Of the webhook nodes of the latest version and of the active one; always one page.
         */
        get: operations["workflowActivationWebhooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import a workflow
         * @description Creates a workflow from an export or from a bare definition. `credentials` says which credentials of this workspace stand in for those that the export names; what it does not say stays as it is.
         */
        post: operations["workflowExchangeImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check a definition
         * @description Says what creating the workflow would say, and stores nothing.
         */
        post: operations["workflowsValidate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
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
        AcceptedCall: {
            executionId: string;
            status?: string;
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
        ApiKey: {
            /** Format: date-time */
            createdAt: string;
            createdBy: {
                id: string;
                /** @enum {string} */
                type: "user" | "apiKey";
            };
            expiresAt: string | null;
            id: string;
            /** @description To within a minute. */
            lastUsedAt: string | null;
            name: string;
            /**
             * @description `auditor` reads executions, their events and the audit, and nothing else.
             * @example editor
             * @enum {string}
             */
            role: "owner" | "editor" | "viewer" | "auditor";
        };
        /**
         * @description What came of an attempt that is in doubt.
         * @example {
         *       "outcome": "succeeded",
         *       "output": {
         *         "paid": true
         *       }
         *     }
         */
        AttemptVerdict: {
            /** @constant */
            outcome: "succeeded";
            /** @description Of the node, as if it had given it. Default null. */
            output?: unknown;
        } | {
            /** @constant */
            outcome: "retry";
        } | {
            /** @default a person said that it failed */
            message: string;
            /** @constant */
            outcome: "failed";
        };
        /** @description Which calls to feed to the workflow, and how fast. */
        Backfill: {
            /**
             * @description Goes through all of them and counts what would be done, and does nothing.
             * @default false
             */
            dryRun: boolean;
            /**
             * Format: date-time
             * @description Accepted at or after.
             * @example 2026-11-23T00:00:00.000Z
             */
            from: string;
            /**
             * @description As of an execution that is started by hand.
             * @enum {string}
             */
            mode?: "live" | "dry";
            /**
             * @description Trigger to begin at. Default: the first webhook trigger, else the first trigger.
             * @example notify
             */
            nodeId?: string;
            /**
             * @description At most so many are worked on a second.
             * @default 10
             */
            perSecond: number;
            /**
             * Format: date-time
             * @description Accepted before. Default: now.
             */
            to?: string;
            /** @description Default: the active one, else the latest. */
            version?: number;
            /**
             * @description Of this workspace, of any workflow: its accepted calls are fed to this workflow.
             * @example wh_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t
             */
            webhookId: string;
        };
        /** @description What to do, to which executions, and how fast. */
        BulkAction: {
            /** @enum {string} */
            action: "cancel" | "retry";
            /**
             * @description Goes through all of them and counts what would be done, and does nothing.
             * @default false
             */
            dryRun: boolean;
            /** @description As in the list. Of what matches the newest 10000 that the action is for, the oldest first. */
            filter: {
                /**
                 * Format: date-time
                 * @description Created at or after.
                 * @example 2026-11-23T00:00:00.000Z
                 */
                from?: string;
                /**
                 * @description Where this node took part: it was reached and not skipped.
                 * @example notify
                 */
                nodeId?: string;
                /**
                 * @description At most 16 words. Where all these words occur in input, output or error, in any case. Whole words, and whole of what is joined: a text with `A-17` is found by `A-17`, `a` and `17`, one with `ada@example.com` also by `example.com`. A number is known as a whole, an instant by its date. Texts and numbers count, names of fields do not. Of an execution the first 256 words are known, each by its first 64 characters; values above 64 KiB are not searched.
                 * @example A-17
                 */
                q?: string;
                /** @enum {string} */
                status?: "queued" | "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "timedOut";
                /**
                 * Format: date-time
                 * @description Created before.
                 * @example 2026-11-24T00:00:00.000Z
                 */
                to?: string;
                /**
                 * @description Type of the node that started it.
                 * @example trigger.webhook
                 */
                trigger?: string;
                workflowId?: string;
            };
            /**
             * @description Of a retry, as there. Default `failed`.
             * @example notify
             */
            from?: string;
            /**
             * @description At most so many are worked on a second.
             * @default 10
             */
            perSecond: number;
            /**
             * @description Of a retry, as there. Default `same`.
             * @enum {string}
             */
            version?: "same" | "latest";
        };
        /**
         * @description The same done to many executions, by the server, at a bounded rate.
         * @example {
         *       "id": "job_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "action": "retry",
         *       "status": "running",
         *       "dryRun": false,
         *       "total": 250,
         *       "isCut": false,
         *       "nextFrom": null,
         *       "done": 40,
         *       "refused": 1,
         *       "refusals": [
         *         {
         *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *           "code": "WORKFLOW_DELETED"
         *         }
         *       ],
         *       "perSecond": 20,
         *       "secondsLeft": 11,
         *       "createdAt": "2026-11-23T10:00:00.000Z",
         *       "finishedAt": null
         *     }
         */
        BulkJob: {
            /** @enum {string} */
            action: "cancel" | "retry" | "backfill";
            /** Format: date-time */
            createdAt: string;
            done: number;
            /** @description It only counts what it would do. */
            dryRun: boolean;
            finishedAt: string | null;
            /** @description Starts with `job_`. */
            id: string;
            /** @description There were more than one job takes. */
            isCut: boolean;
            /** @description Of a backfill that was cut: where the next one begins. */
            nextFrom: string | null;
            perSecond: number;
            /** @description The first 20 of them, and why. */
            refusals: {
                code: string;
                executionId: string;
            }[];
            /** @description To which it could not be done. */
            refused: number;
            /** @description At that rate; null when it is over. */
            secondsLeft: number | null;
            /** @enum {string} */
            status: "running" | "finished" | "cancelled";
            /** @description Executions that it works on: those that matched when it was asked for. */
            total: number;
        };
        /**
         * @description A destination whose calls fail, or that asked for a pause. Others have no circuit.
         * @example {
         *       "key": "api.example.com:443",
         *       "state": "open",
         *       "failures": 12,
         *       "openedAt": "2026-11-23T10:00:00.000Z",
         *       "retryAt": "2026-11-23T10:00:05.000Z"
         *     }
         */
        Circuit: {
            /** @description Calls that failed in the last 30 s; while not closed, those that opened it. */
            failures: number;
            /** @description The destination: `host:port`, behind `credentialId@` where the calls have a credential. */
            key: string;
            /** @description Since when no attempt succeeded; null while closed. */
            openedAt: string | null;
            /** @description Until when attempts wait: never null while not closed, perhaps past when nobody came since. While closed only after the destination asked for a pause by `Retry-After`. */
            retryAt: string | null;
            /**
             * @description `closed`: attempts pass. `open`: they wait until `retryAt`. `halfOpen`: one attempt tries whether it works again.
             * @enum {string}
             */
            state: "closed" | "open" | "halfOpen";
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
        Credential: {
            allowedHosts: string[];
            /** Format: date-time */
            createdAt: string;
            id: string;
            name: string;
            /** @enum {string} */
            type: "http.basic" | "http.bearer" | "http.header" | "webhook.secret" | "smtp";
            /** Format: date-time */
            updatedAt: string;
        };
        /**
         * @description What is left out stays as it is; the type always does.
         * @example {
         *       "data": {
         *         "token": "a-newer-token-of-theirs"
         *       }
         *     }
         */
        CredentialChange: {
            /**
             * @description Hosts that HTTP nodes may send it to: names or addresses, `*.example.com` for all below one; a port is no part. Empty for any.
             * @example [
             *       "api.example.com",
             *       "*.eu.example.com"
             *     ]
             */
            allowedHosts?: string[];
            /** @description All of it, as the type of the credential wants it: what is left out is gone. */
            data?: ({
                password: string;
                username: string;
            } | {
                token: string;
            } | {
                name: string;
                value: string;
            } | {
                /** @description Accepted beside `secret` while senders change over. */
                previousSecret?: string;
                secret: string;
            } | {
                host: string;
                password?: string;
                port: number;
                /** @description TLS from the first byte; without it STARTTLS is used where offered. */
                secure: boolean;
                username?: string;
            }) | Record<string, never>;
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            name?: string;
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
        CredentialType: {
            /** @description Whether `allowedHosts` may be given. */
            bindsToHosts: boolean;
            /** @description JSON Schema (2020-12) of `data`. */
            dataSchema: Record<string, never>;
            description: string;
            title: string;
            /** @enum {string} */
            type: "http.basic" | "http.bearer" | "http.header" | "webhook.secret" | "smtp";
        };
        /**
         * @description Work that was set aside after its last attempt.
         * @example {
         *       "id": "dl_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "kind": "failed",
         *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "workflowId": "wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
         *       "workflowVersion": 1,
         *       "nodeId": "notify",
         *       "nodeType": "http.request",
         *       "reason": {
         *         "code": "HTTP_STATUS",
         *         "message": "the server answered 503",
         *         "details": {
         *           "status": 503
         *         }
         *       },
         *       "attempts": 5,
         *       "payload": {
         *         "method": "POST",
         *         "url": "https://example.com/big",
         *         "json": {
         *           "id": "A-17"
         *         }
         *       },
         *       "createdAt": "2026-11-23T10:00:00.000Z",
         *       "status": "open",
         *       "redrivenAs": null,
         *       "history": "/v1/executions/ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4/events"
         *     }
         */
        DeadLetter: {
            /** @description At the node; for poison how often it was handed to a worker. */
            attempts: number;
            /**
             * Format: date-time
             * @description When it was set aside.
             */
            createdAt: string;
            executionId: string;
            /** @description Path of the events of the execution that it is of. */
            history: string;
            /** @description Starts with `dl_`. */
            id: string;
            /**
             * @description `failed`: its execution failed. `poison`: it could not be worked on for a reason of ours, and its execution goes on once it is redriven.
             * @enum {string}
             */
            kind: "failed" | "poison";
            /** @description At which it failed; null for poison that is about no node. */
            nodeId: string | null;
            /** @example http.request */
            nodeType: string | null;
            /** @description What the node was to work on: its config with all expressions evaluated; credentials stay ids. For poison, the worker's task. Null in lists, for nodes that the engine computes by itself, and where the expressions are what failed. */
            payload: unknown;
            reason: {
                /**
                 * @description Stable; fit to decide by.
                 * @example HTTP_STATUS
                 */
                code: string;
                /** @description Any JSON. */
                details?: unknown;
                /** @description For people; may change. */
                message: string;
            };
            /** @description The execution in which its work goes on. */
            redrivenAs: string | null;
            /** @enum {string} */
            status: "open" | "redriven" | "discarded";
            workflowId: string;
            /** @description That the execution had, and that a redriven one has too. */
            workflowVersion: number;
        };
        /** @description What validation has to say about one place of a definition. */
        DefinitionProblem: {
            /** @example is required */
            message: string;
            /**
             * @description Of the value; empty for the whole.
             * @example nodes[2].config.url
             */
            path: string;
        };
        /**
         * @description A call of a webhook, and what became of it.
         * @example {
         *       "id": "dlv_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "webhookId": "wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "at": "2026-11-23T10:00:00.000Z",
         *       "outcome": "accepted",
         *       "status": 202,
         *       "reason": null,
         *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "redeliveryOf": null,
         *       "method": "POST",
         *       "ip": "192.0.2.17",
         *       "calls": 1
         *     }
         */
        Delivery: {
            /**
             * Format: date-time
             * @description When it came; of several calls, when the last did.
             */
            at: string;
            /** @description How many calls the entry stands for. Of one webhook 60 refused ones in 10 s are told one by one; more are counted by status and reason. */
            calls: number;
            /** @description That it started. */
            executionId: string | null;
            /** @description Starts with `dlv_`. */
            id: string;
            /** @description Null for several calls, and where the call was large. */
            ip: string | null;
            /** @description Null for several calls, and where the call was large. */
            method: string | null;
            /**
             * @description `answered`: the sender asked something of the endpoint itself, as Slack does, and was told.
             * @enum {string}
             */
            outcome: "accepted" | "refused" | "answered";
            /**
             * @description The code that it was refused with.
             * @example SIGNATURE_MISMATCH
             */
            reason: string | null;
            /** @description The execution of the call that was sent again; null for a call from outside. */
            redeliveryOf: string | null;
            /** @description What it was answered; 202 for any that was accepted, whatever its execution came to say. */
            status: number;
            webhookId: string;
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
         *       "mode": "live",
         *       "cancelReason": null,
         *       "parentExecutionId": null,
         *       "forkedFrom": null,
         *       "redeliveryOf": null,
         *       "waitingOn": null
         *     }
         */
        Execution: {
            /** @description Why the engine cancelled it; null when it did not, or somebody asked for that. */
            cancelReason: components["schemas"]["Fault"] | null;
            /** Format: date-time */
            createdAt: string;
            /** @description From its start to its end. */
            durationMs: number | null;
            error: components["schemas"]["ExecutionFault"] | null;
            finishedAt: string | null;
            /** @description The execution whose results it goes on with. */
            forkedFrom: string | null;
            /** @description Starts with `ex_`. */
            id: string;
            /** @description The trigger's output. */
            input: unknown;
            /**
             * @description `dry` runs no side effect of an action.
             * @enum {string}
             */
            mode: "live" | "dry";
            /** @description In the definition's order. */
            nodes: components["schemas"]["ExecutionNode"][];
            /** @description The body of the respond node that ran; without one, the output of the end node. Of several an object by node id. Null unless it succeeded. */
            output: unknown;
            /** @description The execution that started it. */
            parentExecutionId: string | null;
            /** @description The execution whose call was sent again, or fed to this workflow. */
            redeliveryOf: string | null;
            startedAt: string | null;
            /** @enum {string} */
            status: "queued" | "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "timedOut";
            trigger: {
                nodeId: string;
                /** @example trigger.webhook */
                type: string;
            };
            waitingOn: components["schemas"]["WaitingOn"] | null;
            workflowId: string;
            /** @description That it started with and keeps to its end. */
            workflowVersion: number;
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
        ExecutionEvent: {
            /** @description Who caused it, when it was a person or a key. */
            actor?: {
                id: string;
                /** @enum {string} */
                type: "user" | "apiKey";
            };
            /** Format: date-time */
            at: string;
            /** @description By type; payloads are shown as the values they stand for. */
            data: {
                [key: string]: unknown;
            };
            /**
             * @description More types may come.
             * @example NodeSucceeded
             */
            type: string;
            /** @description Place in the history: from 1, without gaps. */
            version: number;
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
        ExecutionFault: {
            /** @description The last one, counted from 1. */
            attempt: number;
            /**
             * @description Stable; fit to decide by.
             * @example HTTP_STATUS
             */
            code: string;
            /** @description Any JSON. */
            details?: unknown;
            /** @description For people; may change. */
            message: string;
            /** @description Of the node that failed. */
            nodeId: string;
        };
        /**
         * @description An execution with attempts of which nobody knows what came of them.
         * @example {
         *       "executionId": "ex_1",
         *       "workflowId": "wf_1",
         *       "workflowVersion": 3,
         *       "createdAt": "2026-11-23T10:00:00.000Z",
         *       "nodes": [
         *         {
         *           "nodeId": "pay",
         *           "attempt": 1,
         *           "since": "2026-11-23T10:00:07.000Z",
         *           "settle": "/v1/executions/ex_1/nodes/pay/settle"
         *         }
         *       ]
         *     }
         */
        ExecutionInDoubt: {
            /** Format: date-time */
            createdAt: string;
            executionId: string;
            nodes: {
                attempt: number;
                nodeId: string;
                /** @description Where to say what came of it. */
                settle: string;
                /** Format: date-time */
                since: string;
            }[];
            workflowId: string;
            workflowVersion: number;
        };
        /** @description A node that an execution has come to. */
        ExecutionNode: {
            /** @description Begun so far; 0 for a node that was skipped. */
            attempts: number;
            /** @description Of the last attempt that failed. */
            error: components["schemas"]["Fault"] | null;
            finishedAt: string | null;
            /** @description Of a `forEach`: its items, and how many of them failed for good so far. */
            loop?: {
                failed: number;
                items: number;
            };
            nodeId: string;
            /** @description Any JSON. */
            output: unknown;
            startedAt: string | null;
            /** @enum {string} */
            status: "scheduled" | "running" | "retrying" | "waiting" | "succeeded" | "failed" | "skipped" | "cancelled";
            /** @example http.request */
            type: string;
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
        ExportedWorkflow: {
            /** @constant */
            format: "millrace.workflow/1";
            requires: {
                /** @description Credentials that the nodes name. They are not part of the export. */
                credentials: {
                    id: string;
                    nodeId: string;
                    path: string;
                }[];
            };
            workflow: components["schemas"]["WorkflowDefinitionOutput"];
        };
        /**
         * @description Why a node failed.
         * @example {
         *       "code": "HTTP_STATUS",
         *       "message": "the server answered 503"
         *     }
         */
        Fault: {
            /**
             * @description Stable; fit to decide by.
             * @example HTTP_STATUS
             */
            code: string;
            /** @description Any JSON. */
            details?: unknown;
            /** @description For people; may change. */
            message: string;
        };
        /**
         * @description Where two histories part, and how.
         * @example {
         *       "at": 1
         *     }
         */
        ForkExecution: {
            /**
             * @description The last event that both share, as `events` numbers them.
             * @example 1
             */
            at: number;
            /** @description By node id: in place of the output that the node had by then; a node that had none does not run and gives this. Of the trigger: the input. */
            overrides?: {
                [key: string]: unknown;
            };
            /** @description Default: that of the execution. */
            workflowVersion?: number;
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
        ImportableWorkflow: {
            /** @description Ids of credentials in the export → ids of credentials of this workspace. */
            credentials?: {
                [key: string]: string;
            };
            exportedAt?: string;
            /** @constant */
            format: "millrace.workflow/1";
            /** @description Taken as it was exported, and not looked at. */
            requires?: unknown;
            workflow: components["schemas"]["WorkflowDefinition"];
        } | components["schemas"]["WorkflowDefinition"];
        /**
         * @description Where an execution comes from, and what came of it.
         * @example {
         *       "ancestors": [],
         *       "descendants": [],
         *       "isCut": false
         *     }
         */
        Lineage: {
            /** @description What it comes from, the nearest first. */
            ancestors: components["schemas"]["RelatedExecution"][];
            /** @description All that came of it, the nearest first. */
            descendants: components["schemas"]["RelatedExecution"][];
            /** @description Whether there are more descendants. */
            isCut: boolean;
        };
        /**
         * @description That the process runs.
         * @example {
         *       "status": "live"
         *     }
         */
        Liveness: {
            /** @constant */
            status: "live";
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
        Me: {
            /** @description The key that was sent; null for an access token. */
            apiKey: {
                id: string;
                name: string;
            } | null;
            /**
             * @description `auditor` reads executions, their events and the audit, and nothing else.
             * @example editor
             * @enum {string}
             */
            role: "owner" | "editor" | "viewer" | "auditor";
            /** @description Null for an API key. */
            user: components["schemas"]["User"] | null;
            workspace: components["schemas"]["Workspace"];
            /** @description Of the user, the one that was joined first in front, at most 100; empty for an API key. */
            workspaces: {
                id: string;
                name: string;
                /**
                 * @description `auditor` reads executions, their events and the audit, and nothing else.
                 * @example editor
                 * @enum {string}
                 */
                role: "owner" | "editor" | "viewer" | "auditor";
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
        Member: {
            email: string;
            /** Format: date-time */
            joinedAt: string;
            name: string | null;
            /**
             * @description `auditor` reads executions, their events and the audit, and nothing else.
             * @example editor
             * @enum {string}
             */
            role: "owner" | "editor" | "viewer" | "auditor";
            userId: string;
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
        NewApiKey: {
            /** Format: date-time */
            createdAt: string;
            createdBy: {
                id: string;
                /** @enum {string} */
                type: "user" | "apiKey";
            };
            expiresAt: string | null;
            id: string;
            /** @description Shown this once; goes into `Authorization: Bearer`. */
            key: string;
            /** @description To within a minute. */
            lastUsedAt: string | null;
            name: string;
            /**
             * @description `auditor` reads executions, their events and the audit, and nothing else.
             * @example editor
             * @enum {string}
             */
            role: "owner" | "editor" | "viewer" | "auditor";
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
        NewCredential: {
            /**
             * @description Hosts that HTTP nodes may send it to: names or addresses, `*.example.com` for all below one; a port is no part. Empty for any.
             * @default []
             * @example [
             *       "api.example.com",
             *       "*.eu.example.com"
             *     ]
             */
            allowedHosts: string[];
            /** @description Sent as `Authorization: Basic …`; either part may be empty. */
            data: {
                password: string;
                username: string;
            };
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            name: string;
            /** @constant */
            type: "http.basic";
        } | {
            /**
             * @description Hosts that HTTP nodes may send it to: names or addresses, `*.example.com` for all below one; a port is no part. Empty for any.
             * @default []
             * @example [
             *       "api.example.com",
             *       "*.eu.example.com"
             *     ]
             */
            allowedHosts: string[];
            /** @description Sent as `Authorization: Bearer …`. */
            data: {
                token: string;
            };
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            name: string;
            /** @constant */
            type: "http.bearer";
        } | {
            /**
             * @description Hosts that HTTP nodes may send it to: names or addresses, `*.example.com` for all below one; a port is no part. Empty for any.
             * @default []
             * @example [
             *       "api.example.com",
             *       "*.eu.example.com"
             *     ]
             */
            allowedHosts: string[];
            /** @description Sent as a header of its own, e.g. `X-Api-Key`. */
            data: {
                name: string;
                value: string;
            };
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            name: string;
            /** @constant */
            type: "http.header";
        } | {
            /** @description What senders of webhooks sign their calls with. */
            data: {
                /** @description Accepted beside `secret` while senders change over. */
                previousSecret?: string;
                secret: string;
            };
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            name: string;
            /** @constant */
            type: "webhook.secret";
        } | {
            /** @description A server that takes mail. */
            data: {
                host: string;
                password?: string;
                port: number;
                /** @description TLS from the first byte; without it STARTTLS is used where offered. */
                secure: boolean;
                username?: string;
            };
            /**
             * @description For people; it need not be unique.
             * @example Payments API
             */
            name: string;
            /** @constant */
            type: "smtp";
        };
        /**
         * @description A value that expressions of all workflows of the workspace may read.
         * @example {
         *       "name": "region",
         *       "value": "eu"
         *     }
         */
        NewVariable: {
            /**
             * @description As expressions spell it: `vars.<name>`.
             * @example region
             */
            name: string;
            /** @description Any JSON value; no secret: executions record what they read. */
            value: unknown;
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
        NodeType: {
            /** @description JSON Schema (2020-12) of the config as it is written. */
            configSchema: Record<string, never>;
            description: string;
            /** @enum {string} */
            kind: "trigger" | "action" | "condition";
            /** @description By which connections may leave, for a config that names no others. */
            outputs: string[];
            title: string;
            type: string;
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
        OpenApiDocument: {
            openapi: string;
        } & {
            [key: string]: unknown;
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
        Problem: {
            /** @description Stable; what programs are to look at. */
            code: string;
            /** @description What is wrong and what to do, for people; it may change. */
            detail: string;
            /** @description What is wrong with the request, each with the path of the value, e.g. `nodes[2].config.url`. */
            errors?: {
                message: string;
                path: string;
            }[];
            /** @description Names the request in our log; with 5xx alone. */
            instance?: string;
            status: number;
            /** @description The status in words. */
            title: string;
            /** @description A URN that stands for the code. */
            type: string;
        };
        /**
         * @description What waits for workers and is with them, in the whole installation.
         * @example {
         *       "name": "start.normal",
         *       "ready": 1200,
         *       "inFlight": 24,
         *       "redelivered": 0,
         *       "oldestReadyAgeMs": 1830,
         *       "completedPerMinute": 41200,
         *       "failedPerMinute": 0,
         *       "paused": false
         *     }
         */
        Queue: {
            /** @description Within the last minute, over all workers. */
            completedPerMinute: number;
            /** @description Attempts that failed, also those that are tried again. For starts: those that could not be recorded. */
            failedPerMinute: number;
            /** @description Are with a worker. */
            inFlight: number;
            /** @description `start.high`, `start.normal` and `start.low`: executions to be begun. Else an executor class. */
            name: string;
            /** @description How long the oldest that waits has waited; null when none does. */
            oldestReadyAgeMs: number | null;
            paused: boolean;
            /** @description Wait for a worker. */
            ready: number;
            /** @description Of those in flight, how many a worker had before. */
            redelivered: number;
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
        Readiness: {
            /** @description By name; `nats` also says what an acknowledged write survives. */
            dependencies: {
                [key: string]: {
                    reason?: string;
                    /** @enum {string} */
                    status: "up" | "down";
                } & {
                    [key: string]: unknown;
                };
            };
            /** @enum {string} */
            status: "ready" | "unavailable";
        };
        /**
         * @description Which deliveries to send again.
         * @example {
         *       "deliveryIds": [
         *         "dlv_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
         *       ]
         *     }
         */
        Redeliver: {
            /** @description Of this webhook. */
            deliveryIds: string[];
        };
        /**
         * @description What became of each delivery that was to be sent again.
         * @example {
         *       "items": [
         *         {
         *           "deliveryId": "dlv_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
         *         }
         *       ]
         *     }
         */
        Redeliveries: {
            /** @description In the order asked for. */
            items: ({
                deliveryId: string;
                executionId: string;
            } | {
                /** @description What asking for this one alone would be refused with. */
                code: string;
                deliveryId: string;
                detail: string;
            })[];
        };
        /**
         * @description Many dead letters that the server redrives, oldest first, at a bounded rate.
         * @example {
         *       "id": "rdr_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "status": "running",
         *       "total": 250,
         *       "isCut": false,
         *       "redriven": 40,
         *       "refused": 0,
         *       "perSecond": 20,
         *       "createdAt": "2026-11-23T10:00:00.000Z",
         *       "finishedAt": null
         *     }
         */
        RedriveJob: {
            /** Format: date-time */
            createdAt: string;
            finishedAt: string | null;
            /** @description Starts with `rdr_`. */
            id: string;
            /** @description There were more than one job takes; ask again for the rest. */
            isCut: boolean;
            perSecond: number;
            redriven: number;
            /** @description Discarded meanwhile, or of a workflow that is deleted. */
            refused: number;
            /** @enum {string} */
            status: "running" | "finished";
            /** @description Dead letters that it redrives: those open when it was asked for. */
            total: number;
        };
        /** @description Which dead letters to redrive, and how fast. */
        RedriveMany: {
            /** @description As in the list; `{}` stands for all open ones. */
            filter: {
                /**
                 * @description Of the reason.
                 * @example HTTP_STATUS
                 */
                code?: string;
                /**
                 * Format: date-time
                 * @description Set aside at or after.
                 * @example 2026-11-23T00:00:00.000Z
                 */
                from?: string;
                /**
                 * @description At which it failed.
                 * @example notify
                 */
                nodeId?: string;
                /** @constant */
                status?: "open";
                /**
                 * Format: date-time
                 * @description Set aside before.
                 * @example 2026-11-24T00:00:00.000Z
                 */
                to?: string;
                workflowId?: string;
            };
            /**
             * @description At most so many are redriven a second.
             * @default 10
             */
            perSecond: number;
        };
        /** @description One of the executions that come from each other. */
        RelatedExecution: {
            /** Format: date-time */
            createdAt: string;
            executionId: string;
            origin: {
                /** @description That it comes from. */
                executionId: string;
                /**
                 * @description More kinds may come.
                 * @enum {string}
                 */
                kind: "child" | "errorWorkflow" | "redrive" | "retry" | "fork" | "redelivery" | "backfill";
                /** @description Of the node that started it. */
                nodeId?: string;
                /** @description Of the last event that both share. */
                version?: number;
            } | null;
            /** @enum {string} */
            status: "queued" | "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "timedOut";
            workflowId: string;
            workflowVersion: number;
        };
        /**
         * @description What a version makes of the recorded results of an execution.
         * @example {
         *       "same": true
         *     }
         * @example {
         *       "same": false,
         *       "differences": [
         *         {
         *           "nodeId": "notify",
         *           "kind": "input",
         *           "at": "url",
         *           "before": {
         *             "method": "POST",
         *             "url": "https://example.com/big"
         *           },
         *           "after": {
         *             "method": "POST",
         *             "url": "https://example.com/huge"
         *           }
         *         }
         *       ],
         *       "isCut": false
         *     }
         */
        Replay: {
            /** @constant */
            same: true;
        } | {
            differences: components["schemas"]["ReplayDifference"][];
            /** @description There are more differences. */
            isCut: boolean;
            /** @constant */
            same: false;
        };
        /**
         * @description One execution, to be replayed anywhere.
         * @example {
         *       "format": "millrace.replay-bundle",
         *       "formatVersion": 1,
         *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "workspaceId": "ws_01jd8z6q5t",
         *       "workflow": {
         *         "id": "wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
         *         "name": "Big orders",
         *         "version": 1,
         *         "contentHash": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
         *         "definition": {
         *           "name": "Big orders",
         *           "nodes": [
         *             {
         *               "id": "order",
         *               "type": "trigger.webhook",
         *               "config": {
         *                 "method": "POST"
         *               }
         *             },
         *             {
         *               "id": "big",
         *               "type": "if",
         *               "config": {
         *                 "condition": "{{ trigger.body.amount > 100 }}"
         *               }
         *             },
         *             {
         *               "id": "notify",
         *               "type": "http.request",
         *               "config": {
         *                 "method": "POST",
         *                 "url": "https://example.com/big",
         *                 "json": {
         *                   "id": "{{ trigger.body.orderId }}"
         *                 }
         *               },
         *               "retry": {
         *                 "maxAttempts": 5,
         *                 "backoff": "exponential",
         *                 "initialMs": 1000,
         *                 "maxMs": 60000,
         *                 "jitter": true
         *               },
         *               "timeoutMs": 10000,
         *               "onError": "fail"
         *             }
         *           ],
         *           "connections": [
         *             {
         *               "from": "order",
         *               "to": "big",
         *               "output": "main"
         *             },
         *             {
         *               "from": "big",
         *               "to": "notify",
         *               "output": "true"
         *             }
         *           ],
         *           "settings": {
         *             "timeoutMs": 3600000,
         *             "priority": "normal"
         *           }
         *         }
         *       },
         *       "commits": [
         *         {
         *           "firstVersion": 1,
         *           "at": "2026-11-23T10:00:00.000Z",
         *           "events": [
         *             {
         *               "type": "ExecutionStarted",
         *               "data": {
         *                 "input": {
         *                   "value": {
         *                     "body": {
         *                       "orderId": "A-17"
         *                     }
         *                   }
         *                 }
         *               }
         *             }
         *           ]
         *         }
         *       ],
         *       "digests": {
         *         "history": "rm1vcbRjAHkBiK2q8Yg0cWbyaOTvRn7p8mQ0lXq3yJk",
         *         "events": [
         *           "rm1vcbRjAHkBiK2q8Yg0cWbyaOTvRn7p8mQ0lXq3yJk"
         *         ]
         *       }
         *     }
         */
        ReplayBundle: {
            /** @description As they lie in the log, with all values in their events. */
            commits: {
                actor?: {
                    id: string;
                    /** @enum {string} */
                    type: "user" | "apiKey";
                };
                /** Format: date-time */
                at: string;
                events: {
                    data: {
                        [key: string]: unknown;
                    };
                    type: string;
                }[];
                /** @description Of its first event. */
                firstVersion: number;
            }[];
            digests: {
                /** @description Of the history up to and with each event. */
                events: string[];
                /** @description SHA-256, base64url. */
                history: string;
            };
            executionId: string;
            /** @constant */
            format: "millrace.replay-bundle";
            /** @constant */
            formatVersion: 1;
            workflow: {
                contentHash: string;
                /** @description That the execution ran with. */
                definition: unknown;
                id: string;
                name: string;
                version: number;
            };
            workspaceId: string;
        };
        /**
         * @description One thing that is not as it was recorded.
         * @example {
         *       "nodeId": "notify",
         *       "kind": "input",
         *       "at": "url",
         *       "before": {
         *         "method": "POST",
         *         "url": "https://example.com/big"
         *       },
         *       "after": {
         *         "method": "POST",
         *         "url": "https://example.com/huge"
         *       }
         *     }
         */
        ReplayDifference: {
            /** @description As it is now; for `missingRecording` what the node would be given. */
            after: unknown;
            /**
             * @description Where the two first differ, in objects and lists.
             * @example url
             */
            at?: string;
            /** @description As it was recorded. Of a large value the part that differs, or `{cut, length}`: the beginning of its JSON. */
            before: unknown;
            /**
             * @description `path`: the node is reached now and was not, or the other way, or is left by other outputs. `input`: what it is given is another value. `output`: it computes another value. `error`: it fails now, or otherwise, or no longer. `missingRecording`: it needs the outside, and nothing recorded says what that would answer. `outcome`: the execution ends otherwise.
             * @enum {string}
             */
            kind: "path" | "input" | "output" | "error" | "missingRecording" | "outcome";
            nodeId: string;
        };
        /**
         * @description Where to begin again.
         * @default {}
         * @example {
         *       "from": "failed",
         *       "version": "latest"
         *     }
         */
        RetryExecution: {
            /**
             * @description `failed`: wherever it failed or was stopped. Or the id of a node, which is done again with all that lies behind it.
             * @default failed
             * @example failed
             */
            from: string;
            /**
             * @description Of the workflow: that of the execution, or the latest.
             * @default same
             * @enum {string}
             */
            version: "same" | "latest";
        };
        /** @description Whether and when a failed attempt is followed by another. */
        RetryPolicy: {
            /**
             * @default exponential
             * @enum {string}
             */
            backoff: "fixed" | "linear" | "exponential";
            /** @description Codes of errors never to retry. */
            dontRetryOn?: string[];
            /** @default 1000 */
            initialMs: number;
            /** @default true */
            jitter: boolean;
            /** @description Attempts in all. */
            maxAttempts: number;
            /** @default 60000 */
            maxMs: number;
            /** @description Codes of errors to retry, whatever they are otherwise. */
            retryOn?: string[];
        };
        /** @description Whether and when a failed attempt is followed by another. */
        RetryPolicyOutput: {
            /**
             * @default exponential
             * @enum {string}
             */
            backoff: "fixed" | "linear" | "exponential";
            /** @description Codes of errors never to retry. */
            dontRetryOn?: string[];
            /** @default 1000 */
            initialMs: number;
            /** @default true */
            jitter: boolean;
            /** @description Attempts in all. */
            maxAttempts: number;
            /** @default 60000 */
            maxMs: number;
            /** @description Codes of errors to retry, whatever they are otherwise. */
            retryOn?: string[];
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
        Session: {
            /** @description Goes into `Authorization: Bearer`. */
            accessToken: string;
            /** @description Of the access token. */
            expiresInMs: number;
            /** @description Works once; a second use ends the login. Lasts 30 days. */
            refreshToken: string;
            user: components["schemas"]["User"];
            workspace: components["schemas"]["Workspace"];
        };
        /**
         * @description What a login goes on with.
         * @example {
         *       "accessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDFtODVqZ2JtayJ9.tYAsDkBgPPMQ0Xfxyd9u2VX1",
         *       "refreshToken": "g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s",
         *       "expiresInMs": 900000
         *     }
         */
        SessionTokens: {
            /** @description Goes into `Authorization: Bearer`. */
            accessToken: string;
            /** @description Of the access token. */
            expiresInMs: number;
            /** @description Works once; a second use ends the login. Lasts 30 days. */
            refreshToken: string;
        };
        /**
         * @description The id is readable at once at the address in `Location`.
         * @example {
         *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
         *     }
         */
        StartedExecution: {
            executionId: string;
        };
        /**
         * @description The execution as it is afterwards.
         * @example {
         *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *       "status": "cancelled"
         *     }
         */
        SteeredExecution: {
            executionId: string;
            /** @enum {string} */
            status: "queued" | "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "timedOut";
        };
        /**
         * @description Somebody who logs in.
         * @example {
         *       "id": "usr_01m85jgbmk",
         *       "email": "ada@example.com",
         *       "name": "Ada Lovelace"
         *     }
         */
        User: {
            email: string;
            id: string;
            name: string | null;
        };
        /** @description A place at which two versions differ. */
        ValueChange: {
            /** @description Any JSON; absent where nothing is any more. */
            after?: unknown;
            /** @description Any JSON; absent where there was nothing. */
            before?: unknown;
            /** @example config.url */
            path: string;
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
        Variable: {
            /** Format: date-time */
            createdAt: string;
            name: string;
            /** Format: date-time */
            updatedAt: string;
            value: unknown;
        };
        /**
         * @description The new value.
         * @example {
         *       "value": "us"
         *     }
         */
        VariableChange: {
            /** @description Any JSON value; no secret: executions record what they read. */
            value: unknown;
        };
        /** @description Why an execution that is not over does not move. */
        WaitingOn: {
            /** @constant */
            kind: "worker";
            /** @description Absent when the execution has not begun. */
            nodeId?: string;
        } | {
            /** Format: date-time */
            at: string;
            /** @constant */
            kind: "retry";
            nodeId: string;
        } | {
            /** Format: date-time */
            at: string;
            /** @constant */
            kind: "timer";
            nodeId: string;
        } | {
            /** @description Until when; null for as long as it takes. */
            at: string | null;
            /** @constant */
            kind: "signal";
            name: string;
            nodeId: string;
            /**
             * Format: uri
             * @description Sends the signal once, without an account: whoever has the URL may. A `POST` sends its JSON body.
             */
            resumeUrl: string;
        } | {
            executionId: string;
            /** @constant */
            kind: "execution";
            nodeId: string;
        } | {
            /** @constant */
            kind: "person";
            nodeId: string;
        } | {
            /** Format: date-time */
            at: string;
            /**
             * @description As in the list of circuits.
             * @example api.example.com:443
             */
            destination: string;
            /** @enum {string} */
            kind: "circuit" | "rateLimit" | "bulkhead";
            nodeId: string;
        } | {
            key: string;
            /** @constant */
            kind: "concurrency";
            /** @description In line, from 1; null where it was not looked up. */
            place: number | null;
        } | {
            at: string | null;
            key: string;
            /** @constant */
            kind: "debounce";
        } | {
            at: string | null;
            key: string;
            /** @constant */
            kind: "throttle";
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
        Webhook: {
            /** @description Whether the active version has the node: its URL answers. */
            active: boolean;
            /**
             * Format: date-time
             * @example 2026-11-23T10:00:00.000Z
             */
            createdAt: string;
            /** @description Starts with `wh_`. */
            id: string;
            /** @description One, or those that the node takes. */
            method: string | string[];
            nodeId: string;
            /**
             * Format: date-time
             * @description There while a URL of before a rotation works too: when the last one stops.
             * @example 2026-11-23T10:00:00.000Z
             */
            previousUrlUntil?: string;
            /**
             * Format: uri
             * @description Who knows it can call it; stays through versions until it is rotated.
             */
            url: string;
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
        Workflow: {
            /** @description Whether its triggers start executions. */
            active: boolean;
            /** @description The version that they start. */
            activeVersion: number | null;
            connections: components["schemas"]["WorkflowConnectionOutput"][];
            /**
             * Format: date-time
             * @example 2026-11-23T10:00:00.000Z
             */
            createdAt: string;
            /** @description Starts with `wf_`. */
            id: string;
            /** @example Big orders */
            name: string;
            nodes: components["schemas"]["WorkflowNodeOutput"][];
            settings: components["schemas"]["WorkflowSettingsOutput"];
            /**
             * Format: date-time
             * @example 2026-11-23T10:00:00.000Z
             */
            updatedAt: string;
            /** @description The latest one. */
            version: number;
            /** @description What is accepted and still looks like a mistake; said when the version was published. */
            warnings: components["schemas"]["DefinitionProblem"][];
        };
        /** @description Leads from an output of a node to another node. */
        WorkflowConnection: {
            /**
             * @description Id of a node.
             * @example big
             */
            from: string;
            /**
             * @description Output of `from` by which the flow leaves.
             * @default main
             * @example true
             */
            output: string;
            /**
             * @description Id of a node.
             * @example notify
             */
            to: string;
        };
        /** @description Leads from an output of a node to another node. */
        WorkflowConnectionOutput: {
            /**
             * @description Id of a node.
             * @example big
             */
            from: string;
            /**
             * @description Output of `from` by which the flow leaves.
             * @default main
             * @example true
             */
            output: string;
            /**
             * @description Id of a node.
             * @example notify
             */
            to: string;
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
        WorkflowDefinition: {
            /**
             * @description At most 5000. The graph must be acyclic.
             * @default []
             */
            connections: components["schemas"]["WorkflowConnection"][];
            /** @example Big orders */
            name: string;
            /** @description At most 2000. */
            nodes: components["schemas"]["WorkflowNode"][];
            /**
             * @default {
             *       "priority": "normal"
             *     }
             */
            settings: components["schemas"]["WorkflowSettings"];
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
        WorkflowDefinitionOutput: {
            /**
             * @description At most 5000. The graph must be acyclic.
             * @default []
             */
            connections: components["schemas"]["WorkflowConnectionOutput"][];
            /** @example Big orders */
            name: string;
            /** @description At most 2000. */
            nodes: components["schemas"]["WorkflowNodeOutput"][];
            /**
             * @default {
             *       "priority": "normal"
             *     }
             */
            settings: components["schemas"]["WorkflowSettingsOutput"];
        };
        /** @description A step of the graph. */
        WorkflowNode: {
            /**
             * @description By the schema of the node type; every string may hold expressions.
             * @default {}
             */
            config: Record<string, never>;
            /** @description Of a trigger: only the newest execution with the key begins, once none came for `delayMs`; the others are cancelled. */
            debounce?: {
                delayMs: number;
                /**
                 * @description May hold expressions over `trigger`; executions with equal values belong together.
                 * @example {{ trigger.body.customer.id }}
                 */
                key?: string;
            };
            /**
             * @description Unique in the workflow.
             * @example notify
             */
            id: string;
            /** @enum {string} */
            join?: "all" | "any";
            /** @enum {string} */
            onError?: "fail" | "continue" | "branch";
            /**
             * @description When the worker died in the middle of an attempt: another attempt (the default), a failure `INTERRUPTED`, or a person is asked what came of it (`GET /v1/in-doubt`).
             * @enum {string}
             */
            onInterrupted?: "retry" | "fail" | "ask";
            retry?: components["schemas"]["RetryPolicy"];
            /** @description Of a trigger: at most `limit` executions with the key begin in any `perMs`; the others wait their turn. */
            throttle?: {
                /**
                 * @description May hold expressions over `trigger`; executions with equal values belong together.
                 * @example {{ trigger.body.customer.id }}
                 */
                key?: string;
                limit: number;
                perMs: number;
            };
            /** @description Of one attempt. */
            timeoutMs?: number;
            /**
             * @description From `GET /v1/node-types`.
             * @example http.request
             */
            type: string;
        };
        /** @description A step of the graph. */
        WorkflowNodeOutput: {
            /**
             * @description By the schema of the node type; every string may hold expressions.
             * @default {}
             */
            config: Record<string, never>;
            /** @description Of a trigger: only the newest execution with the key begins, once none came for `delayMs`; the others are cancelled. */
            debounce?: {
                delayMs: number;
                /**
                 * @description May hold expressions over `trigger`; executions with equal values belong together.
                 * @example {{ trigger.body.customer.id }}
                 */
                key?: string;
            };
            /**
             * @description Unique in the workflow.
             * @example notify
             */
            id: string;
            /** @enum {string} */
            join?: "all" | "any";
            /** @enum {string} */
            onError?: "fail" | "continue" | "branch";
            /**
             * @description When the worker died in the middle of an attempt: another attempt (the default), a failure `INTERRUPTED`, or a person is asked what came of it (`GET /v1/in-doubt`).
             * @enum {string}
             */
            onInterrupted?: "retry" | "fail" | "ask";
            retry?: components["schemas"]["RetryPolicyOutput"];
            /** @description Of a trigger: at most `limit` executions with the key begin in any `perMs`; the others wait their turn. */
            throttle?: {
                /**
                 * @description May hold expressions over `trigger`; executions with equal values belong together.
                 * @example {{ trigger.body.customer.id }}
                 */
                key?: string;
                limit: number;
                perMs: number;
            };
            /** @description Of one attempt. */
            timeoutMs?: number;
            /**
             * @description From `GET /v1/node-types`.
             * @example http.request
             */
            type: string;
        };
        /** @description What holds for every execution. */
        WorkflowSettings: {
            /** @description How many executions with the key may be under way at once, and what happens to one more. */
            concurrency?: {
                /**
                 * @description May hold expressions over `trigger`; executions with equal values belong together.
                 * @example {{ trigger.body.customer.id }}
                 */
                key?: string;
                limit: number;
                /**
                 * @default queue
                 * @enum {string}
                 */
                onLimit: "queue" | "skip" | "cancelOldest";
            };
            /** @description Started once for every execution that failed or timed out, with that as its input. */
            errorWorkflow?: string;
            /**
             * @default normal
             * @enum {string}
             */
            priority: "high" | "normal" | "low";
            /** @description Of a whole execution. */
            timeoutMs?: number;
        };
        /** @description What holds for every execution. */
        WorkflowSettingsOutput: {
            /** @description How many executions with the key may be under way at once, and what happens to one more. */
            concurrency?: {
                /**
                 * @description May hold expressions over `trigger`; executions with equal values belong together.
                 * @example {{ trigger.body.customer.id }}
                 */
                key?: string;
                limit: number;
                /**
                 * @default queue
                 * @enum {string}
                 */
                onLimit: "queue" | "skip" | "cancelOldest";
            };
            /** @description Started once for every execution that failed or timed out, with that as its input. */
            errorWorkflow?: string;
            /**
             * @default normal
             * @enum {string}
             */
            priority: "high" | "normal" | "low";
            /** @description Of a whole execution. */
            timeoutMs?: number;
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
        WorkflowValidation: {
            /** @description Why it would not. */
            problems: components["schemas"]["DefinitionProblem"][];
            /** @description Whether it would be accepted. */
            valid: boolean;
            /** @description Looked for only when there are no problems. */
            warnings: components["schemas"]["DefinitionProblem"][];
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
        WorkflowVersion: {
            connections: components["schemas"]["WorkflowConnectionOutput"][];
            /**
             * @description SHA-256 of the canonical JSON (RFC 8785) of name, nodes, connections and settings.
             * @example sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
             */
            contentHash: string;
            /**
             * Format: date-time
             * @example 2026-11-23T10:00:00.000Z
             */
            createdAt: string;
            /** @description Who published it. */
            createdBy: {
                id: string;
                /** @enum {string} */
                type: "user" | "apiKey";
            } | null;
            /** @example Big orders */
            name: string;
            nodes: components["schemas"]["WorkflowNodeOutput"][];
            settings: components["schemas"]["WorkflowSettingsOutput"];
            /** @description From 1, without gaps. */
            version: number;
            /** @description What is accepted and still looks like a mistake; said when the version was published. */
            warnings: components["schemas"]["DefinitionProblem"][];
        };
        /**
         * @description What a version would have made of the last executions of its workflow.
         * @example {
         *       "checked": 2,
         *       "same": 1,
         *       "different": 1,
         *       "notReplayable": 0,
         *       "isCut": false,
         *       "executions": [
         *         {
         *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
         *           "workflowVersion": 1,
         *           "same": false,
         *           "takesAnotherPath": false,
         *           "differences": [
         *             {
         *               "nodeId": "notify",
         *               "kind": "input",
         *               "at": "url",
         *               "before": {
         *                 "method": "POST",
         *                 "url": "https://example.com/big"
         *               },
         *               "after": {
         *                 "method": "POST",
         *                 "url": "https://example.com/huge"
         *               }
         *             }
         *           ],
         *           "isCut": false
         *         }
         *       ]
         *     }
         */
        WorkflowVersionCheck: {
            checked: number;
            different: number;
            /** @description Those that would take another path first, those that are the same last, newest first among them. */
            executions: {
                /** @description The first of them, other paths before all else. */
                differences: components["schemas"]["ReplayDifference"][];
                executionId: string;
                /** @description There are more differences. */
                isCut: boolean;
                /** @description Why nothing can be said of it. */
                notReplayable?: {
                    code: string;
                    message: string;
                };
                same: boolean;
                /** @description Nodes would run that did not, or the other way. */
                takesAnotherPath: boolean;
                /** @description That it ran with. */
                workflowVersion: number;
            }[];
            /** @description The time was over before all that were asked for were looked at. */
            isCut: boolean;
            notReplayable: number;
            same: number;
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
        WorkflowVersionDiff: {
            connections: {
                added: components["schemas"]["WorkflowConnectionOutput"][];
                removed: components["schemas"]["WorkflowConnectionOutput"][];
            };
            /** @description From 1, without gaps. */
            from: number;
            /** @description When it differs. */
            name?: {
                after: string;
                before: string;
            };
            nodes: {
                added: components["schemas"]["WorkflowNodeOutput"][];
                /** @description Nodes that both have. After 1,000 changes told one by one, fields are told as a whole. */
                changed: {
                    changes: components["schemas"]["ValueChange"][];
                    id: string;
                }[];
                removed: components["schemas"]["WorkflowNodeOutput"][];
            };
            /** @description Lists whose common entries stand in another order. */
            reordered: ("nodes" | "connections")[];
            settings: components["schemas"]["ValueChange"][];
            /** @description From 1, without gaps. */
            to: number;
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
        WorkflowVersionSummary: {
            active: boolean;
            /**
             * @description SHA-256 of the canonical JSON (RFC 8785) of name, nodes, connections and settings.
             * @example sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
             */
            contentHash: string;
            /**
             * Format: date-time
             * @example 2026-11-23T10:00:00.000Z
             */
            createdAt: string;
            /** @description Who published it. */
            createdBy: {
                id: string;
                /** @enum {string} */
                type: "user" | "apiKey";
            } | null;
            /** @example Big orders */
            name: string;
            /** @description From 1, without gaps. */
            version: number;
        };
        /**
         * @description What every object belongs to.
         * @example {
         *       "id": "ws_01m85jgbmk",
         *       "name": "Ada Lovelace's workspace"
         *     }
         */
        Workspace: {
            id: string;
            name: string;
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
    openApiPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    openApiAsset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/css": string;
                    "text/javascript": string;
                };
            };
            /** @description Not Found: `NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    healthLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It runs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "live"
                     *     }
                     */
                    "application/json": components["schemas"]["Liveness"];
                };
            };
        };
    };
    healthReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Something is away that it needs. */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    webhookCallGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The last part of the webhook’s URL. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The output of the execution, where the webhook waits for it; or the challenge of Slack. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 250
                     *     }
                     */
                    "application/json": unknown;
                    "text/plain": unknown;
                };
            };
            /** @description The call is in the log; `status` where the webhook waits for a result that did not come in time. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01m85jgbmk"
                     *     }
                     */
                    "application/json": components["schemas"]["AcceptedCall"];
                };
            };
            /** @description Bad Request: `MALFORMED_BODY`, `MALFORMED_JSON`, `JSON_TOO_DEEP`, `INCOMPLETE_BODY` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "MALFORMED_BODY" | "MALFORMED_JSON" | "JSON_TOO_DEEP" | "INCOMPLETE_BODY";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `SIGNATURE_MISSING`, `SIGNATURE_MALFORMED`, `SIGNATURE_EXPIRED`, `SIGNATURE_MISMATCH` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:SIGNATURE_MISSING",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "SIGNATURE_MISSING"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "SIGNATURE_MISSING" | "SIGNATURE_MALFORMED" | "SIGNATURE_EXPIRED" | "SIGNATURE_MISMATCH";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `ADDRESS_NOT_ALLOWED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:ADDRESS_NOT_ALLOWED",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "ADDRESS_NOT_ALLOWED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "ADDRESS_NOT_ALLOWED";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Method Not Allowed: `METHOD_NOT_ALLOWED` */
            405: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "METHOD_NOT_ALLOWED";
                        /** @constant */
                        status: 405;
                    };
                };
            };
            /** @description Conflict: `DUPLICATE_CALL` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DUPLICATE_CALL",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DUPLICATE_CALL"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DUPLICATE_CALL";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE`, `UNSUPPORTED_ENCODING` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE" | "UNSUPPORTED_ENCODING";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `BODY_REFUSED`, `NO_DEDUPE_KEY` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_REFUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_REFUSED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_REFUSED" | "NO_DEDUPE_KEY";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_CALLS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_CALLS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_CALLS"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_CALLS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Bad Gateway: `EXECUTION_FAILED` */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:EXECUTION_FAILED",
                     *       "title": "Bad Gateway",
                     *       "status": 502,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "EXECUTION_FAILED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_FAILED";
                        /** @constant */
                        status: 502;
                    };
                };
            };
            /** @description Service Unavailable: `LOG_UNAVAILABLE`, `LOG_BUSY`, `DATABASE_UNAVAILABLE`, `WEBHOOK_NOT_VERIFIABLE`, `SHUTTING_DOWN` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "LOG_UNAVAILABLE" | "LOG_BUSY" | "DATABASE_UNAVAILABLE" | "WEBHOOK_NOT_VERIFIABLE" | "SHUTTING_DOWN";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    webhookCallPut: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The last part of the webhook’s URL. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "*/*": unknown;
                /**
                 * @example {
                 *       "orderId": "A-17",
                 *       "amount": 250
                 *     }
                 */
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The output of the execution, where the webhook waits for it; or the challenge of Slack. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 250
                     *     }
                     */
                    "application/json": unknown;
                    "text/plain": unknown;
                };
            };
            /** @description The call is in the log; `status` where the webhook waits for a result that did not come in time. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01m85jgbmk"
                     *     }
                     */
                    "application/json": components["schemas"]["AcceptedCall"];
                };
            };
            /** @description Bad Request: `MALFORMED_BODY`, `MALFORMED_JSON`, `JSON_TOO_DEEP`, `INCOMPLETE_BODY` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "MALFORMED_BODY" | "MALFORMED_JSON" | "JSON_TOO_DEEP" | "INCOMPLETE_BODY";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `SIGNATURE_MISSING`, `SIGNATURE_MALFORMED`, `SIGNATURE_EXPIRED`, `SIGNATURE_MISMATCH` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:SIGNATURE_MISSING",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "SIGNATURE_MISSING"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "SIGNATURE_MISSING" | "SIGNATURE_MALFORMED" | "SIGNATURE_EXPIRED" | "SIGNATURE_MISMATCH";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `ADDRESS_NOT_ALLOWED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:ADDRESS_NOT_ALLOWED",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "ADDRESS_NOT_ALLOWED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "ADDRESS_NOT_ALLOWED";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Method Not Allowed: `METHOD_NOT_ALLOWED` */
            405: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "METHOD_NOT_ALLOWED";
                        /** @constant */
                        status: 405;
                    };
                };
            };
            /** @description Conflict: `DUPLICATE_CALL` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DUPLICATE_CALL",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DUPLICATE_CALL"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DUPLICATE_CALL";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE`, `UNSUPPORTED_ENCODING` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE" | "UNSUPPORTED_ENCODING";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `BODY_REFUSED`, `NO_DEDUPE_KEY` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_REFUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_REFUSED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_REFUSED" | "NO_DEDUPE_KEY";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_CALLS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_CALLS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_CALLS"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_CALLS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Bad Gateway: `EXECUTION_FAILED` */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:EXECUTION_FAILED",
                     *       "title": "Bad Gateway",
                     *       "status": 502,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "EXECUTION_FAILED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_FAILED";
                        /** @constant */
                        status: 502;
                    };
                };
            };
            /** @description Service Unavailable: `LOG_UNAVAILABLE`, `LOG_BUSY`, `DATABASE_UNAVAILABLE`, `WEBHOOK_NOT_VERIFIABLE`, `SHUTTING_DOWN` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "LOG_UNAVAILABLE" | "LOG_BUSY" | "DATABASE_UNAVAILABLE" | "WEBHOOK_NOT_VERIFIABLE" | "SHUTTING_DOWN";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    webhookCallPost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The last part of the webhook’s URL. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "*/*": unknown;
                /**
                 * @example {
                 *       "orderId": "A-17",
                 *       "amount": 250
                 *     }
                 */
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The output of the execution, where the webhook waits for it; or the challenge of Slack. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 250
                     *     }
                     */
                    "application/json": unknown;
                    "text/plain": unknown;
                };
            };
            /** @description The call is in the log; `status` where the webhook waits for a result that did not come in time. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01m85jgbmk"
                     *     }
                     */
                    "application/json": components["schemas"]["AcceptedCall"];
                };
            };
            /** @description Bad Request: `MALFORMED_BODY`, `MALFORMED_JSON`, `JSON_TOO_DEEP`, `INCOMPLETE_BODY` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "MALFORMED_BODY" | "MALFORMED_JSON" | "JSON_TOO_DEEP" | "INCOMPLETE_BODY";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `SIGNATURE_MISSING`, `SIGNATURE_MALFORMED`, `SIGNATURE_EXPIRED`, `SIGNATURE_MISMATCH` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:SIGNATURE_MISSING",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "SIGNATURE_MISSING"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "SIGNATURE_MISSING" | "SIGNATURE_MALFORMED" | "SIGNATURE_EXPIRED" | "SIGNATURE_MISMATCH";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `ADDRESS_NOT_ALLOWED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:ADDRESS_NOT_ALLOWED",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "ADDRESS_NOT_ALLOWED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "ADDRESS_NOT_ALLOWED";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Method Not Allowed: `METHOD_NOT_ALLOWED` */
            405: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "METHOD_NOT_ALLOWED";
                        /** @constant */
                        status: 405;
                    };
                };
            };
            /** @description Conflict: `DUPLICATE_CALL` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DUPLICATE_CALL",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DUPLICATE_CALL"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DUPLICATE_CALL";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE`, `UNSUPPORTED_ENCODING` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE" | "UNSUPPORTED_ENCODING";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `BODY_REFUSED`, `NO_DEDUPE_KEY` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_REFUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_REFUSED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_REFUSED" | "NO_DEDUPE_KEY";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_CALLS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_CALLS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_CALLS"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_CALLS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Bad Gateway: `EXECUTION_FAILED` */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:EXECUTION_FAILED",
                     *       "title": "Bad Gateway",
                     *       "status": 502,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "EXECUTION_FAILED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_FAILED";
                        /** @constant */
                        status: 502;
                    };
                };
            };
            /** @description Service Unavailable: `LOG_UNAVAILABLE`, `LOG_BUSY`, `DATABASE_UNAVAILABLE`, `WEBHOOK_NOT_VERIFIABLE`, `SHUTTING_DOWN` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "LOG_UNAVAILABLE" | "LOG_BUSY" | "DATABASE_UNAVAILABLE" | "WEBHOOK_NOT_VERIFIABLE" | "SHUTTING_DOWN";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    webhookCallDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The last part of the webhook’s URL. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "*/*": unknown;
                /**
                 * @example {
                 *       "orderId": "A-17",
                 *       "amount": 250
                 *     }
                 */
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The output of the execution, where the webhook waits for it; or the challenge of Slack. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 250
                     *     }
                     */
                    "application/json": unknown;
                    "text/plain": unknown;
                };
            };
            /** @description The call is in the log; `status` where the webhook waits for a result that did not come in time. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01m85jgbmk"
                     *     }
                     */
                    "application/json": components["schemas"]["AcceptedCall"];
                };
            };
            /** @description Bad Request: `MALFORMED_BODY`, `MALFORMED_JSON`, `JSON_TOO_DEEP`, `INCOMPLETE_BODY` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "MALFORMED_BODY" | "MALFORMED_JSON" | "JSON_TOO_DEEP" | "INCOMPLETE_BODY";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `SIGNATURE_MISSING`, `SIGNATURE_MALFORMED`, `SIGNATURE_EXPIRED`, `SIGNATURE_MISMATCH` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:SIGNATURE_MISSING",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "SIGNATURE_MISSING"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "SIGNATURE_MISSING" | "SIGNATURE_MALFORMED" | "SIGNATURE_EXPIRED" | "SIGNATURE_MISMATCH";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `ADDRESS_NOT_ALLOWED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:ADDRESS_NOT_ALLOWED",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "ADDRESS_NOT_ALLOWED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "ADDRESS_NOT_ALLOWED";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Method Not Allowed: `METHOD_NOT_ALLOWED` */
            405: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "METHOD_NOT_ALLOWED";
                        /** @constant */
                        status: 405;
                    };
                };
            };
            /** @description Conflict: `DUPLICATE_CALL` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DUPLICATE_CALL",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DUPLICATE_CALL"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DUPLICATE_CALL";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE`, `UNSUPPORTED_ENCODING` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE" | "UNSUPPORTED_ENCODING";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `BODY_REFUSED`, `NO_DEDUPE_KEY` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_REFUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_REFUSED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_REFUSED" | "NO_DEDUPE_KEY";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_CALLS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_CALLS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_CALLS"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_CALLS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Bad Gateway: `EXECUTION_FAILED` */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:EXECUTION_FAILED",
                     *       "title": "Bad Gateway",
                     *       "status": 502,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "EXECUTION_FAILED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_FAILED";
                        /** @constant */
                        status: 502;
                    };
                };
            };
            /** @description Service Unavailable: `LOG_UNAVAILABLE`, `LOG_BUSY`, `DATABASE_UNAVAILABLE`, `WEBHOOK_NOT_VERIFIABLE`, `SHUTTING_DOWN` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "LOG_UNAVAILABLE" | "LOG_BUSY" | "DATABASE_UNAVAILABLE" | "WEBHOOK_NOT_VERIFIABLE" | "SHUTTING_DOWN";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    webhookCallPatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The last part of the webhook’s URL. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "*/*": unknown;
                /**
                 * @example {
                 *       "orderId": "A-17",
                 *       "amount": 250
                 *     }
                 */
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The output of the execution, where the webhook waits for it; or the challenge of Slack. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 250
                     *     }
                     */
                    "application/json": unknown;
                    "text/plain": unknown;
                };
            };
            /** @description The call is in the log; `status` where the webhook waits for a result that did not come in time. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01m85jgbmk"
                     *     }
                     */
                    "application/json": components["schemas"]["AcceptedCall"];
                };
            };
            /** @description Bad Request: `MALFORMED_BODY`, `MALFORMED_JSON`, `JSON_TOO_DEEP`, `INCOMPLETE_BODY` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "MALFORMED_BODY" | "MALFORMED_JSON" | "JSON_TOO_DEEP" | "INCOMPLETE_BODY";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `SIGNATURE_MISSING`, `SIGNATURE_MALFORMED`, `SIGNATURE_EXPIRED`, `SIGNATURE_MISMATCH` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:SIGNATURE_MISSING",
                     *       "title": "Unauthorized",
                     *       "status": 401,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "SIGNATURE_MISSING"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "SIGNATURE_MISSING" | "SIGNATURE_MALFORMED" | "SIGNATURE_EXPIRED" | "SIGNATURE_MISMATCH";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `ADDRESS_NOT_ALLOWED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:ADDRESS_NOT_ALLOWED",
                     *       "title": "Forbidden",
                     *       "status": 403,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "ADDRESS_NOT_ALLOWED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "ADDRESS_NOT_ALLOWED";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Method Not Allowed: `METHOD_NOT_ALLOWED` */
            405: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "METHOD_NOT_ALLOWED";
                        /** @constant */
                        status: 405;
                    };
                };
            };
            /** @description Conflict: `DUPLICATE_CALL` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DUPLICATE_CALL",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DUPLICATE_CALL"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DUPLICATE_CALL";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE`, `UNSUPPORTED_ENCODING` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE" | "UNSUPPORTED_ENCODING";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `BODY_REFUSED`, `NO_DEDUPE_KEY` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:BODY_REFUSED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "BODY_REFUSED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_REFUSED" | "NO_DEDUPE_KEY";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_CALLS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:TOO_MANY_CALLS",
                     *       "title": "Too Many Requests",
                     *       "status": 429,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "TOO_MANY_CALLS"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_CALLS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Bad Gateway: `EXECUTION_FAILED` */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:EXECUTION_FAILED",
                     *       "title": "Bad Gateway",
                     *       "status": 502,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "EXECUTION_FAILED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_FAILED";
                        /** @constant */
                        status: 502;
                    };
                };
            };
            /** @description Service Unavailable: `LOG_UNAVAILABLE`, `LOG_BUSY`, `DATABASE_UNAVAILABLE`, `WEBHOOK_NOT_VERIFIABLE`, `SHUTTING_DOWN` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "LOG_UNAVAILABLE" | "LOG_BUSY" | "DATABASE_UNAVAILABLE" | "WEBHOOK_NOT_VERIFIABLE" | "SHUTTING_DOWN";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    metricsMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus text format. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    openApiDescribe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This document. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["OpenApiDocument"];
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    resumeResume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `ex_`. */
                executionId: string;
                nodeId: string;
                signature: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "approved": true,
                 *       "by": "Ada"
                 *     }
                 */
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The node goes on. */
            202: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "status": "cancelled"
                     *     }
                     */
                    "application/json": components["schemas"]["SteeredExecution"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND`, `RESUME_URL_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND" | "RESUME_URL_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `NOT_WAITING`, `RESUME_URL_USED` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:NOT_WAITING",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "NOT_WAITING"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "NOT_WAITING" | "RESUME_URL_USED";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    apiKeysList: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, newest first. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "key_01m85jgbmk",
                     *           "name": "Deployments",
                     *           "role": "editor",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "expiresAt": null,
                     *           "lastUsedAt": null,
                     *           "createdBy": {
                     *             "type": "user",
                     *             "id": "usr_01m85jgbmk"
                     *           }
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["ApiKey"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    apiKeysCreate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Deployments",
                 *       "role": "editor",
                 *       "expiresAt": "2099-01-01T00:00:00.000Z"
                 *     }
                 */
                "application/json": {
                    /**
                     * Format: date-time
                     * @description An instant in the future, with offset; without it, the key works until it is deleted.
                     * @example 2099-01-01T00:00:00.000Z
                     */
                    expiresAt?: string;
                    /**
                     * @description 1 to 100 characters.
                     * @example Deployments
                     */
                    name: string;
                    /**
                     * @description `auditor` reads executions, their events and the audit, and nothing else.
                     * @example editor
                     * @enum {string}
                     */
                    role: "owner" | "editor" | "viewer" | "auditor";
                };
            };
        };
        responses: {
            /** @description The key, shown this once. */
            201: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `API_KEY_EXPIRY_PASSED`, `IDEMPOTENCY_KEY_REUSED`, `TOO_MANY_API_KEYS` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRY_PASSED" | "IDEMPOTENCY_KEY_REUSED" | "TOO_MANY_API_KEYS";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    apiKeysGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `key_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is known of it, but the key itself. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `API_KEY_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    apiKeysDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `key_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It opens nothing any more; other processes notice within 5 seconds. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `API_KEY_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    authLogIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "password": "correct horse battery",
                 *       "workspaceId": "ws_01m85jgbmk"
                 *     }
                 */
                "application/json": {
                    /** @example ada@example.com */
                    email: string;
                    /** @example correct horse battery */
                    password: string;
                    /**
                     * @description Which of the workspaces in `GET /v1/me`; default: the one that was joined first.
                     * @example ws_01m85jgbmk
                     */
                    workspaceId?: string;
                };
            };
        };
        responses: {
            /** @description The login. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `BAD_CREDENTIALS` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BAD_CREDENTIALS";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `NO_WORKSPACE` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "NO_WORKSPACE";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_ATTEMPTS`, `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_ATTEMPTS" | "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    authLogOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "refreshToken": "g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s"
                 *     }
                 */
                "application/json": {
                    /** @example g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s */
                    refreshToken?: string;
                };
            };
        };
        responses: {
            /** @description The login has ended. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    authRefresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "refreshToken": "g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s"
                 *     }
                 */
                "application/json": {
                    /** @example g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s */
                    refreshToken: string;
                };
            };
        };
        responses: {
            /** @description The next pair of tokens. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDFtODVqZ2JtayJ9.tYAsDkBgPPMQ0Xfxyd9u2VX1",
                     *       "refreshToken": "g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s",
                     *       "expiresInMs": 900000
                     *     }
                     */
                    "application/json": components["schemas"]["SessionTokens"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `REFRESH_EXPIRED`, `REFRESH_INVALID`, `REFRESH_REUSED`, `REFRESH_REVOKED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "REFRESH_EXPIRED" | "REFRESH_INVALID" | "REFRESH_REUSED" | "REFRESH_REVOKED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    authRegister: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "password": "correct horse battery",
                 *       "name": "Ada Lovelace"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Compared without regard to case.
                     * @example ada@example.com
                     */
                    email: string;
                    /**
                     * @description 1 to 100 characters.
                     * @example Ada Lovelace
                     */
                    name?: string;
                    /**
                     * @description 12 to 200 characters.
                     * @example correct horse battery
                     */
                    password: string;
                };
            };
        };
        responses: {
            /** @description The login. */
            201: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Conflict: `EMAIL_TAKEN`, `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EMAIL_TAKEN" | "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    circuitsList: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, by key. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "key": "api.example.com:443",
                     *           "state": "open",
                     *           "failures": 12,
                     *           "openedAt": "2026-11-23T10:00:00.000Z",
                     *           "retryAt": "2026-11-23T10:00:05.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Circuit"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    circuitsReset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nothing holds attempts back. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `CIRCUIT_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:CIRCUIT_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "CIRCUIT_NOT_FOUND"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "CIRCUIT_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `CIRCUIT_CONTENDED`, `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:CIRCUIT_CONTENDED",
                     *       "title": "Service Unavailable",
                     *       "status": 503,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "CIRCUIT_CONTENDED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "CIRCUIT_CONTENDED" | "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    credentialTypesList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "type": "http.bearer",
                     *           "title": "HTTP bearer token",
                     *           "description": "A token, sent in the header Authorization (RFC 6750).",
                     *           "bindsToHosts": true,
                     *           "dataSchema": {
                     *             "type": "object",
                     *             "properties": {
                     *               "token": {
                     *                 "type": "string"
                     *               }
                     *             },
                     *             "required": [
                     *               "token"
                     *             ],
                     *             "additionalProperties": false
                     *           }
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["CredentialType"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    credentialsList: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, newest first. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "cr_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j",
                     *           "name": "Payments API",
                     *           "type": "http.bearer",
                     *           "allowedHosts": [
                     *             "api.example.com"
                     *           ],
                     *           "createdAt": "2026-11-23T10:00:00.000Z",
                     *           "updatedAt": "2026-11-23T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Credential"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    credentialsCreate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
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
                "application/json": components["schemas"]["NewCredential"];
            };
        };
        responses: {
            /** @description It is stored. */
            201: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `CREDENTIAL_LIMIT_REACHED`, `IDEMPOTENCY_KEY_REUSED` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "CREDENTIAL_LIMIT_REACHED" | "IDEMPOTENCY_KEY_REUSED";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    credentialsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `cr_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credential, without its data. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `CREDENTIAL_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "CREDENTIAL_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    credentialsDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `cr_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `CREDENTIAL_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "CREDENTIAL_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `CREDENTIAL_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "CREDENTIAL_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `READ_MODEL_BEHIND`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "READ_MODEL_BEHIND" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    credentialsChange: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `cr_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "data": {
                 *         "token": "a-newer-token-of-theirs"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["CredentialChange"];
            };
        };
        responses: {
            /** @description The credential as it is now. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `CREDENTIAL_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "CREDENTIAL_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `CREDENTIAL_DATA_REQUIRED` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:CREDENTIAL_DATA_REQUIRED",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "CREDENTIAL_DATA_REQUIRED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "CREDENTIAL_DATA_REQUIRED";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    deadLettersList: {
        parameters: {
            query?: {
                /** @description Of the reason. */
                code?: string;
                cursor?: string;
                /** @description Set aside at or after. */
                from?: string;
                limit?: number;
                /** @description At which it failed. */
                nodeId?: string;
                status?: "open" | "redriven" | "discarded";
                /** @description Set aside before. */
                to?: string;
                workflowId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, without payloads. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "dl_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "kind": "failed",
                     *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "workflowId": "wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
                     *           "workflowVersion": 1,
                     *           "nodeId": "notify",
                     *           "nodeType": "http.request",
                     *           "reason": {
                     *             "code": "HTTP_STATUS",
                     *             "message": "the server answered 503",
                     *             "details": {
                     *               "status": 503
                     *             }
                     *           },
                     *           "attempts": 5,
                     *           "payload": {
                     *             "method": "POST",
                     *             "url": "https://example.com/big",
                     *             "json": {
                     *               "id": "A-17"
                     *             }
                     *           },
                     *           "createdAt": "2026-11-23T10:00:00.000Z",
                     *           "status": "open",
                     *           "redrivenAs": null,
                     *           "history": "/v1/executions/ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4/events"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["DeadLetter"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    deadLettersGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `dl_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dead letter, with its payload. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "dl_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "kind": "failed",
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "workflowId": "wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
                     *       "workflowVersion": 1,
                     *       "nodeId": "notify",
                     *       "nodeType": "http.request",
                     *       "reason": {
                     *         "code": "HTTP_STATUS",
                     *         "message": "the server answered 503",
                     *         "details": {
                     *           "status": 503
                     *         }
                     *       },
                     *       "attempts": 5,
                     *       "payload": {
                     *         "method": "POST",
                     *         "url": "https://example.com/big",
                     *         "json": {
                     *           "id": "A-17"
                     *         }
                     *       },
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "status": "open",
                     *       "redrivenAs": null,
                     *       "history": "/v1/executions/ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4/events"
                     *     }
                     */
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `DEAD_LETTER_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DEAD_LETTER_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DEAD_LETTER_NOT_FOUND"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DEAD_LETTER_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    deadLettersDiscard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `dl_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is discarded, and lists show it a little later. */
            202: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is discarded. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `DEAD_LETTER_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DEAD_LETTER_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DEAD_LETTER_NOT_FOUND"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DEAD_LETTER_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `DEAD_LETTER_SETTLED` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DEAD_LETTER_SETTLED",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DEAD_LETTER_SETTLED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DEAD_LETTER_SETTLED";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    deadLettersRedrive: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path: {
                /** @description Begins with `dl_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its work goes on. */
            202: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedExecution"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `DEAD_LETTER_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DEAD_LETTER_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DEAD_LETTER_NOT_FOUND"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DEAD_LETTER_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `DEAD_LETTER_SETTLED`, `HISTORY_GONE`, `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE`, `WORKFLOW_DELETED` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DEAD_LETTER_SETTLED",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DEAD_LETTER_SETTLED"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DEAD_LETTER_SETTLED" | "HISTORY_GONE" | "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE" | "WORKFLOW_DELETED";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    redrivesRedrive: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "filter": {
                 *         "workflowId": "wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
                 *         "code": "HTTP_STATUS"
                 *       },
                 *       "perSecond": 20
                 *     }
                 */
                "application/json": components["schemas"]["RedriveMany"];
            };
        };
        responses: {
            /** @description The job was accepted. */
            202: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "rdr_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "status": "running",
                     *       "total": 250,
                     *       "isCut": false,
                     *       "redriven": 40,
                     *       "refused": 0,
                     *       "perSecond": 20,
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "finishedAt": null
                     *     }
                     */
                    "application/json": components["schemas"]["RedriveJob"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    redrivesGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `rdr_`. */
                jobId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "rdr_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "status": "running",
                     *       "total": 250,
                     *       "isCut": false,
                     *       "redriven": 40,
                     *       "refused": 0,
                     *       "perSecond": 20,
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "finishedAt": null
                     *     }
                     */
                    "application/json": components["schemas"]["RedriveJob"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `REDRIVE_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:REDRIVE_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "REDRIVE_NOT_FOUND"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "REDRIVE_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    deliveriesRedeliver: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path: {
                /** @description Begins with `dlv_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It was started. */
            202: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedExecution"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `DELIVERY_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:DELIVERY_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "DELIVERY_NOT_FOUND"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DELIVERY_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE`, `NOT_REDELIVERABLE`, `WEBHOOK_INACTIVE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE" | "NOT_REDELIVERABLE" | "WEBHOOK_INACTIVE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    executionsList: {
        parameters: {
            query?: {
                cursor?: string;
                /** @description Created at or after. */
                from?: string;
                limit?: number;
                /** @description Where this node took part: it was reached and not skipped. */
                nodeId?: string;
                /** @description At most 16 words. Where all these words occur in input, output or error, in any case. Whole words, and whole of what is joined: a text with `A-17` is found by `A-17`, `a` and `17`, one with `ada@example.com` also by `example.com`. A number is known as a whole, an instant by its date. Texts and numbers count, names of fields do not. Of an execution the first 256 words are known, each by its first 64 characters; values above 64 KiB are not searched. */
                q?: string;
                status?: "queued" | "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "timedOut";
                /** @description Created before. */
                to?: string;
                /** @description Type of the node that started it. */
                trigger?: string;
                workflowId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of executions. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "workflowId": "wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
                     *           "workflowVersion": 1,
                     *           "status": "succeeded",
                     *           "trigger": {
                     *             "type": "trigger.manual",
                     *             "nodeId": "order"
                     *           },
                     *           "input": {
                     *             "body": {
                     *               "orderId": "A-17",
                     *               "amount": 250
                     *             }
                     *           },
                     *           "output": {
                     *             "id": "A-17",
                     *             "text": "Order A-17 is big"
                     *           },
                     *           "error": null,
                     *           "nodes": [
                     *             {
                     *               "nodeId": "order",
                     *               "type": "trigger.manual",
                     *               "status": "succeeded",
                     *               "attempts": 1,
                     *               "startedAt": "2026-11-23T10:00:00.000Z",
                     *               "finishedAt": "2026-11-23T10:00:00.000Z",
                     *               "output": {
                     *                 "body": {
                     *                   "orderId": "A-17",
                     *                   "amount": 250
                     *                 }
                     *               },
                     *               "error": null
                     *             },
                     *             {
                     *               "nodeId": "shape",
                     *               "type": "set",
                     *               "status": "succeeded",
                     *               "attempts": 1,
                     *               "startedAt": "2026-11-23T10:00:00.004Z",
                     *               "finishedAt": "2026-11-23T10:00:00.004Z",
                     *               "output": {
                     *                 "id": "A-17",
                     *                 "text": "Order A-17 is big"
                     *               },
                     *               "error": null
                     *             }
                     *           ],
                     *           "createdAt": "2026-11-23T10:00:00.000Z",
                     *           "startedAt": "2026-11-23T10:00:00.004Z",
                     *           "finishedAt": "2026-11-23T10:00:00.004Z",
                     *           "durationMs": 0,
                     *           "mode": "live",
                     *           "cancelReason": null,
                     *           "parentExecutionId": null,
                     *           "forkedFrom": null,
                     *           "redeliveryOf": null,
                     *           "waitingOn": null
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Execution"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    executionsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `ex_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The execution. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                     *       "mode": "live",
                     *       "cancelReason": null,
                     *       "parentExecutionId": null,
                     *       "forkedFrom": null,
                     *       "redeliveryOf": null,
                     *       "waitingOn": null
                     *     }
                     */
                    "application/json": components["schemas"]["Execution"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    replaysBundle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `ex_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bundle. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "format": "millrace.replay-bundle",
                     *       "formatVersion": 1,
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "workspaceId": "ws_01jd8z6q5t",
                     *       "workflow": {
                     *         "id": "wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
                     *         "name": "Big orders",
                     *         "version": 1,
                     *         "contentHash": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
                     *         "definition": {
                     *           "name": "Big orders",
                     *           "nodes": [
                     *             {
                     *               "id": "order",
                     *               "type": "trigger.webhook",
                     *               "config": {
                     *                 "method": "POST"
                     *               }
                     *             },
                     *             {
                     *               "id": "big",
                     *               "type": "if",
                     *               "config": {
                     *                 "condition": "{{ trigger.body.amount > 100 }}"
                     *               }
                     *             },
                     *             {
                     *               "id": "notify",
                     *               "type": "http.request",
                     *               "config": {
                     *                 "method": "POST",
                     *                 "url": "https://example.com/big",
                     *                 "json": {
                     *                   "id": "{{ trigger.body.orderId }}"
                     *                 }
                     *               },
                     *               "retry": {
                     *                 "maxAttempts": 5,
                     *                 "backoff": "exponential",
                     *                 "initialMs": 1000,
                     *                 "maxMs": 60000,
                     *                 "jitter": true
                     *               },
                     *               "timeoutMs": 10000,
                     *               "onError": "fail"
                     *             }
                     *           ],
                     *           "connections": [
                     *             {
                     *               "from": "order",
                     *               "to": "big",
                     *               "output": "main"
                     *             },
                     *             {
                     *               "from": "big",
                     *               "to": "notify",
                     *               "output": "true"
                     *             }
                     *           ],
                     *           "settings": {
                     *             "timeoutMs": 3600000,
                     *             "priority": "normal"
                     *           }
                     *         }
                     *       },
                     *       "commits": [
                     *         {
                     *           "firstVersion": 1,
                     *           "at": "2026-11-23T10:00:00.000Z",
                     *           "events": [
                     *             {
                     *               "type": "ExecutionStarted",
                     *               "data": {
                     *                 "input": {
                     *                   "value": {
                     *                     "body": {
                     *                       "orderId": "A-17"
                     *                     }
                     *                   }
                     *                 }
                     *               }
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "digests": {
                     *         "history": "rm1vcbRjAHkBiK2q8Yg0cWbyaOTvRn7p8mQ0lXq3yJk",
                     *         "events": [
                     *           "rm1vcbRjAHkBiK2q8Yg0cWbyaOTvRn7p8mQ0lXq3yJk"
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ReplayBundle"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    steeringCancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `ex_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is cancelled, or was over before. */
            202: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "status": "cancelled"
                     *     }
                     */
                    "application/json": components["schemas"]["SteeredExecution"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    executionsEvents: {
        parameters: {
            query?: {
                /** @description Only events after this version; `nextCursor` of the page before. */
                cursor?: number;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Begins with `ex_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "version": 3,
                     *           "type": "NodeSucceeded",
                     *           "at": "2026-11-23T10:00:00.004Z",
                     *           "data": {
                     *             "nodeId": "shape",
                     *             "attempt": 1,
                     *             "output": {
                     *               "id": "A-17"
                     *             },
                     *             "leavesBy": [
                     *               "main"
                     *             ]
                     *           }
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["ExecutionEvent"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                    /** @example {"version":1,"type":"ExecutionStarted","at":"2026-11-23T10:00:00.000Z","data":{}} */
                    "application/x-ndjson": string;
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    continuingFork: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path: {
                /** @description Begins with `ex_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "at": 1
                 *     }
                 */
                "application/json": components["schemas"]["ForkExecution"];
            };
        };
        responses: {
            /** @description It was started. */
            202: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedExecution"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND`, `EXECUTION_VERSION_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND" | "EXECUTION_VERSION_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE`, `WORKFLOW_DELETED` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE" | "WORKFLOW_DELETED";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `NO_SUCH_TRIGGER`, `UNKNOWN_NODE` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED" | "NO_SUCH_TRIGGER" | "UNKNOWN_NODE";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    continuingLineage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `ex_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its family. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ancestors": [],
                     *       "descendants": [],
                     *       "isCut": false
                     *     }
                     */
                    "application/json": components["schemas"]["Lineage"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    steeringSettle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `ex_`. */
                id: string;
                nodeId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "outcome": "succeeded",
                 *       "output": {
                 *         "paid": true
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["AttemptVerdict"];
            };
        };
        responses: {
            /** @description The execution goes on. */
            202: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "status": "cancelled"
                     *     }
                     */
                    "application/json": components["schemas"]["SteeredExecution"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `NOT_IN_DOUBT` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:NOT_IN_DOUBT",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "NOT_IN_DOUBT"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "NOT_IN_DOUBT";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    replaysReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `ex_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": {
                    /** @description Default: that it ran with. */
                    workflowVersion?: number;
                } | null;
            };
        };
        responses: {
            /** @description What is not as it was recorded. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "same": true
                     *     }
                     */
                    "application/json": components["schemas"]["Replay"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND`, `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND" | "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `REPLAY_TOO_LARGE` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:REPLAY_TOO_LARGE",
                     *       "title": "Unprocessable Entity",
                     *       "status": 422,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "REPLAY_TOO_LARGE"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "REPLAY_TOO_LARGE";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    continuingRetry: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path: {
                /** @description Begins with `ex_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "from": "failed",
                 *       "version": "latest"
                 *     }
                 */
                "application/json": components["schemas"]["RetryExecution"];
            };
        };
        responses: {
            /** @description It was started. */
            202: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedExecution"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `EXECUTION_NOT_OVER`, `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE`, `NOTHING_FAILED`, `WORKFLOW_DELETED` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:EXECUTION_NOT_OVER",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "EXECUTION_NOT_OVER"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_OVER" | "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE" | "NOTHING_FAILED" | "WORKFLOW_DELETED";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `NO_SUCH_TRIGGER`, `UNKNOWN_NODE` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED" | "NO_SUCH_TRIGGER" | "UNKNOWN_NODE";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    steeringSignal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `ex_`. */
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "approved": true,
                 *       "by": "Ada"
                 *     }
                 */
                "application/json": unknown;
            };
        };
        responses: {
            /** @description It is in the log. */
            202: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "status": "cancelled"
                     *     }
                     */
                    "application/json": components["schemas"]["SteeredExecution"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `EXECUTION_OVER`, `TOO_MANY_SIGNALS` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:EXECUTION_OVER",
                     *       "title": "Conflict",
                     *       "status": 409,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "EXECUTION_OVER"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_OVER" | "TOO_MANY_SIGNALS";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    executionsState: {
        parameters: {
            query: {
                /** @description Of the last event that counts, as `events` numbers them. */
                version: number;
            };
            header?: never;
            path: {
                /** @description Begins with `ex_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The execution at that point. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                     *       "mode": "live",
                     *       "cancelReason": null,
                     *       "parentExecutionId": null,
                     *       "forkedFrom": null,
                     *       "redeliveryOf": null,
                     *       "waitingOn": null
                     *     }
                     */
                    "application/json": components["schemas"]["Execution"];
                };
            };
            /** @description Bad Request: `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND`, `EXECUTION_VERSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND" | "EXECUTION_VERSION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    eventStreamStream: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of the last event that the caller has; what follows is sent. */
                "last-event-id"?: string;
            };
            path: {
                /** @description Begins with `ex_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 1
                     *     event: ExecutionStarted
                     *     data: {"version":1,"type":"ExecutionStarted","at":"2026-11-23T10:00:00.000Z","data":{}}
                     */
                    "text/event-stream": string;
                };
            };
            /** @description There is nothing after that event, and there will be nothing. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INVALID_LAST_EVENT_ID` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:INVALID_LAST_EVENT_ID",
                     *       "title": "Bad Request",
                     *       "status": 400,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "INVALID_LAST_EVENT_ID"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_LAST_EVENT_ID";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `EXECUTION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "EXECUTION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY`, `TOO_MANY_STREAMS` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY" | "TOO_MANY_STREAMS";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    bulkBegin: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "action": "retry",
                 *       "filter": {
                 *         "status": "failed",
                 *         "from": "2026-11-23T00:00:00.000Z"
                 *       },
                 *       "perSecond": 20
                 *     }
                 */
                "application/json": components["schemas"]["BulkAction"];
            };
        };
        responses: {
            /** @description The job was accepted. */
            202: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "action": "retry",
                     *       "status": "running",
                     *       "dryRun": false,
                     *       "total": 250,
                     *       "isCut": false,
                     *       "nextFrom": null,
                     *       "done": 40,
                     *       "refused": 1,
                     *       "refusals": [
                     *         {
                     *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "code": "WORKFLOW_DELETED"
                     *         }
                     *       ],
                     *       "perSecond": 20,
                     *       "secondsLeft": 11,
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "finishedAt": null
                     *     }
                     */
                    "application/json": components["schemas"]["BulkJob"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    bulkGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `job_`. */
                jobId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "action": "retry",
                     *       "status": "running",
                     *       "dryRun": false,
                     *       "total": 250,
                     *       "isCut": false,
                     *       "nextFrom": null,
                     *       "done": 40,
                     *       "refused": 1,
                     *       "refusals": [
                     *         {
                     *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "code": "WORKFLOW_DELETED"
                     *         }
                     *       ],
                     *       "perSecond": 20,
                     *       "secondsLeft": 11,
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "finishedAt": null
                     *     }
                     */
                    "application/json": components["schemas"]["BulkJob"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `JOB_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:JOB_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "JOB_NOT_FOUND"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "JOB_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    bulkCancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `job_`. */
                jobId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is to end, or was over before. */
            202: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "action": "retry",
                     *       "status": "running",
                     *       "dryRun": false,
                     *       "total": 250,
                     *       "isCut": false,
                     *       "nextFrom": null,
                     *       "done": 40,
                     *       "refused": 1,
                     *       "refusals": [
                     *         {
                     *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "code": "WORKFLOW_DELETED"
                     *         }
                     *       ],
                     *       "perSecond": 20,
                     *       "secondsLeft": 11,
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "finishedAt": null
                     *     }
                     */
                    "application/json": components["schemas"]["BulkJob"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `JOB_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:JOB_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "JOB_NOT_FOUND"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "JOB_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    inDoubtList: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of executions. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "executionId": "ex_1",
                     *           "workflowId": "wf_1",
                     *           "workflowVersion": 3,
                     *           "createdAt": "2026-11-23T10:00:00.000Z",
                     *           "nodes": [
                     *             {
                     *               "nodeId": "pay",
                     *               "attempt": 1,
                     *               "since": "2026-11-23T10:00:07.000Z",
                     *               "settle": "/v1/executions/ex_1/nodes/pay/settle"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["ExecutionInDoubt"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    meMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller, the workspace and the role. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    membersList: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page; who joined last is first. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "userId": "usr_01m85jgbmk",
                     *           "email": "ada@example.com",
                     *           "name": "Ada Lovelace",
                     *           "role": "editor",
                     *           "joinedAt": "2026-06-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Member"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    membersAdd: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "role": "editor"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Compared without regard to case.
                     * @example ada@example.com
                     */
                    email: string;
                    /**
                     * @description `auditor` reads executions, their events and the audit, and nothing else.
                     * @example editor
                     * @enum {string}
                     */
                    role: "owner" | "editor" | "viewer" | "auditor";
                };
            };
        };
        responses: {
            /** @description The member. */
            201: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Conflict: `ALREADY_MEMBER`, `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "ALREADY_MEMBER" | "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `NO_SUCH_ACCOUNT`, `TOO_MANY_MEMBERS` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED" | "NO_SUCH_ACCOUNT" | "TOO_MANY_MEMBERS";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    membersGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `usr_`. */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `USER_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "USER_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    membersRemove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `usr_`. */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are no member any more; other processes notice within 5 seconds. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `USER_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "USER_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `LAST_OWNER` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "LAST_OWNER";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    membersChange: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `usr_`. */
                userId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "role": "editor"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description `auditor` reads executions, their events and the audit, and nothing else.
                     * @example editor
                     * @enum {string}
                     */
                    role: "owner" | "editor" | "viewer" | "auditor";
                };
            };
        };
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `USER_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "USER_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `LAST_OWNER` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "LAST_OWNER";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    nodeTypesList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "type": "noop",
                     *           "kind": "action",
                     *           "title": "Do nothing",
                     *           "description": "Passes on what comes in.",
                     *           "outputs": [
                     *             "main"
                     *           ],
                     *           "configSchema": {
                     *             "type": "object",
                     *             "properties": {},
                     *             "additionalProperties": false
                     *           }
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["NodeType"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    queuesList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every queue. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "start.normal",
                     *           "ready": 1200,
                     *           "inFlight": 24,
                     *           "redelivered": 0,
                     *           "oldestReadyAgeMs": 1830,
                     *           "completedPerMinute": 41200,
                     *           "failedPerMinute": 0,
                     *           "paused": false
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Queue"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN`, `NOT_AN_OPERATOR` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN" | "NOT_AN_OPERATOR";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    queuesPause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is paused; all workers hear of it within milliseconds. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN`, `NOT_AN_OPERATOR` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN" | "NOT_AN_OPERATOR";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `QUEUE_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:QUEUE_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "QUEUE_NOT_FOUND"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "QUEUE_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    queuesResume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Workers take from it again. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN`, `NOT_AN_OPERATOR` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN" | "NOT_AN_OPERATOR";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `QUEUE_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "urn:millrace:problem:QUEUE_NOT_FOUND",
                     *       "title": "Not Found",
                     *       "status": 404,
                     *       "detail": "What is wrong, and what to do.",
                     *       "code": "QUEUE_NOT_FOUND"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "QUEUE_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    variablesList: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, newest first. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "region",
                     *           "value": "eu",
                     *           "createdAt": "2026-11-23T10:00:00.000Z",
                     *           "updatedAt": "2026-11-23T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Variable"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    variablesCreate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "region",
                 *       "value": "eu"
                 *     }
                 */
                "application/json": components["schemas"]["NewVariable"];
            };
        };
        responses: {
            /** @description It exists. */
            201: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Variable"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE`, `VARIABLE_EXISTS` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE" | "VARIABLE_EXISTS";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `VARIABLES_TOO_LARGE`, `VARIABLE_LIMIT_REACHED` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED" | "VARIABLES_TOO_LARGE" | "VARIABLE_LIMIT_REACHED";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY`, `VARIABLES_CONTENDED` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY" | "VARIABLES_CONTENDED";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    variablesGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The variable. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Variable"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `VARIABLE_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "VARIABLE_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    variablesDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `VARIABLE_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "VARIABLE_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY`, `VARIABLES_CONTENDED` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY" | "VARIABLES_CONTENDED";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    variablesChange: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "value": "us"
                 *     }
                 */
                "application/json": components["schemas"]["VariableChange"];
            };
        };
        responses: {
            /** @description The variable as it is now. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Variable"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `VARIABLE_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "VARIABLE_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `VARIABLES_TOO_LARGE` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "VARIABLES_TOO_LARGE";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY`, `VARIABLES_CONTENDED` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY" | "VARIABLES_CONTENDED";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    webhookDeliveriesList: {
        parameters: {
            query?: {
                cursor?: string;
                /** @description At or after. */
                from?: string;
                limit?: number;
                outcome?: "accepted" | "refused" | "answered";
                /** @description The code that they were refused with. */
                reason?: string;
                /** @description Before. */
                to?: string;
            };
            header?: never;
            path: {
                /** @description Begins with `wh_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "dlv_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "webhookId": "wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "at": "2026-11-23T10:00:00.000Z",
                     *           "outcome": "accepted",
                     *           "status": 202,
                     *           "reason": null,
                     *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "redeliveryOf": null,
                     *           "method": "POST",
                     *           "ip": "192.0.2.17",
                     *           "calls": 1
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Delivery"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    webhookDeliveriesRedeliver: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path: {
                /** @description Begins with `wh_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "deliveryIds": [
                 *         "dlv_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Redeliver"];
            };
        };
        responses: {
            /** @description What became of each. */
            202: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "deliveryId": "dlv_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Redeliveries"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    webhooksRotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `wh_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "graceMs": 3600000
                 *     }
                 */
                "application/json": {
                    /**
                     * @description For how long the URL of before works too. Without it, none but the new one does: those that were left a time by earlier rotations stop as well.
                     * @default 0
                     * @example 3600000
                     */
                    graceMs?: number;
                } | null;
            };
        };
        responses: {
            /** @description The webhook as it is now. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "nodeId": "order",
                     *       "url": "https://millrace.example.com/hooks/c2VjcmV0LXRva2VuLW9mLTI0Yg",
                     *       "method": "POST",
                     *       "active": true,
                     *       "createdAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description Stored; the new URL will answer in a moment. */
            202: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "nodeId": "order",
                     *       "url": "https://millrace.example.com/hooks/c2VjcmV0LXRva2VuLW9mLTI0Yg",
                     *       "method": "POST",
                     *       "active": true,
                     *       "createdAt": "2026-11-23T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WEBHOOK_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowsList: {
        parameters: {
            query?: {
                active?: "true" | "false";
                cursor?: string;
                limit?: number;
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of workflows. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "name": "Big orders",
                     *           "nodes": [
                     *             {
                     *               "id": "order",
                     *               "type": "trigger.webhook",
                     *               "config": {
                     *                 "method": "POST"
                     *               }
                     *             },
                     *             {
                     *               "id": "big",
                     *               "type": "if",
                     *               "config": {
                     *                 "condition": "{{ trigger.body.amount > 100 }}"
                     *               }
                     *             },
                     *             {
                     *               "id": "notify",
                     *               "type": "http.request",
                     *               "config": {
                     *                 "method": "POST",
                     *                 "url": "https://example.com/big",
                     *                 "json": {
                     *                   "id": "{{ trigger.body.orderId }}"
                     *                 }
                     *               },
                     *               "retry": {
                     *                 "maxAttempts": 5,
                     *                 "backoff": "exponential",
                     *                 "initialMs": 1000,
                     *                 "maxMs": 60000,
                     *                 "jitter": true
                     *               },
                     *               "timeoutMs": 10000,
                     *               "onError": "fail"
                     *             }
                     *           ],
                     *           "connections": [
                     *             {
                     *               "from": "order",
                     *               "to": "big",
                     *               "output": "main"
                     *             },
                     *             {
                     *               "from": "big",
                     *               "to": "notify",
                     *               "output": "true"
                     *             }
                     *           ],
                     *           "settings": {
                     *             "timeoutMs": 3600000,
                     *             "priority": "normal"
                     *           },
                     *           "version": 1,
                     *           "active": false,
                     *           "activeVersion": null,
                     *           "warnings": [],
                     *           "createdAt": "2026-11-23T10:00:00.000Z",
                     *           "updatedAt": "2026-11-23T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Workflow"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowsCreate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
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
                "application/json": components["schemas"]["WorkflowDefinition"];
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Stored; reads will show it in a moment. */
            202: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `INVALID_WORKFLOW` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED" | "INVALID_WORKFLOW";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowsGet: {
        parameters: {
            query?: never;
            header?: {
                /** @description An `ETag` that the caller has; 304 when it is still that. */
                "if-none-match"?: string;
            };
            path: {
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workflow at its latest version. */
            200: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description The caller has it already. */
            304: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowsPublish: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the version that was changed; 428 without it. */
                "if-match"?: string;
            };
            path: {
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
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
                "application/json": components["schemas"]["WorkflowDefinition"];
            };
        };
        responses: {
            /** @description The workflow as it is now. */
            200: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Stored; reads will show it in a moment. */
            202: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Precondition Failed: `IF_MATCH_NO_MATCH`, `WORKFLOW_CHANGED` */
            412: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IF_MATCH_NO_MATCH" | "WORKFLOW_CHANGED";
                        /** @constant */
                        status: 412;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `INVALID_WORKFLOW` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_WORKFLOW";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Precondition Required: `IF_MATCH_REQUIRED` */
            428: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IF_MATCH_REQUIRED";
                        /** @constant */
                        status: 428;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowsArchive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Stored; reads will show it in a moment. */
            202: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Archived. */
            204: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowActivationActivate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": {
                    /** @description Default: the latest. An older one is a rollback. */
                    version?: number;
                } | null;
            };
        };
        responses: {
            /** @description The workflow as it is now. */
            200: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Stored; reads will show it in a moment. */
            202: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `INVALID_WORKFLOW` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_WORKFLOW";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    bulkBackfill: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path: {
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "webhookId": "wh_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t",
                 *       "from": "2026-11-23T00:00:00.000Z"
                 *     }
                 */
                "application/json": components["schemas"]["Backfill"];
            };
        };
        responses: {
            /** @description The job was accepted. */
            202: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "job_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *       "action": "retry",
                     *       "status": "running",
                     *       "dryRun": false,
                     *       "total": 250,
                     *       "isCut": false,
                     *       "nextFrom": null,
                     *       "done": 40,
                     *       "refused": 1,
                     *       "refusals": [
                     *         {
                     *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "code": "WORKFLOW_DELETED"
                     *         }
                     *       ],
                     *       "perSecond": 20,
                     *       "secondsLeft": 11,
                     *       "createdAt": "2026-11-23T10:00:00.000Z",
                     *       "finishedAt": null
                     *     }
                     */
                    "application/json": components["schemas"]["BulkJob"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WEBHOOK_NOT_FOUND`, `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WEBHOOK_NOT_FOUND" | "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `NO_TRIGGER` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED" | "NO_TRIGGER";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowActivationDeactivate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workflow as it is now. */
            200: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Stored; reads will show it in a moment. */
            202: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    startExecutionsStart: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
                /** @description `wait=N` waits up to N seconds, at most 60, for the end (RFC 7240). */
                prefer?: string;
            };
            path: {
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "input": {
                 *         "orderId": "A-17",
                 *         "amount": 250
                 *       },
                 *       "pins": {
                 *         "notify": {
                 *           "status": 200,
                 *           "headers": {},
                 *           "body": null
                 *         }
                 *       }
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Any JSON: the trigger's `body`. Default null.
                     * @example {
                     *       "orderId": "A-17",
                     *       "amount": 250
                     *     }
                     */
                    input?: unknown;
                    /**
                     * @description `dry` leaves out what has side effects: such a node gives `{dryRun, type, config}` instead.
                     * @enum {string}
                     */
                    mode?: "live" | "dry";
                    /**
                     * @description By node id, an output that stands for that of the node, which does not run.
                     * @example {
                     *       "notify": {
                     *         "status": 200,
                     *         "headers": {},
                     *         "body": null
                     *       }
                     *     }
                     */
                    pins?: {
                        [key: string]: unknown;
                    };
                    /** @description Default: the active one, else the latest. */
                    version?: number;
                } | null;
            };
        };
        responses: {
            /** @description It ended while the caller waited. */
            200: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description The wait that was granted. */
                    "preference-applied": string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                     *       "mode": "live",
                     *       "cancelReason": null,
                     *       "parentExecutionId": null,
                     *       "forkedFrom": null,
                     *       "redeliveryOf": null,
                     *       "waitingOn": null
                     *     }
                     */
                    "application/json": components["schemas"]["Execution"];
                };
            };
            /** @description It was started. */
            202: {
                headers: {
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedExecution"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `NO_TRIGGER`, `UNKNOWN_NODE` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED" | "NO_TRIGGER" | "UNKNOWN_NODE";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowExchangeExport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To be imported as it is. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["ExportedWorkflow"];
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowVersionsList: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of versions. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "version": 1,
                     *           "contentHash": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
                     *           "createdAt": "2026-11-23T10:00:00.000Z",
                     *           "createdBy": {
                     *             "type": "user",
                     *             "id": "usr_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4"
                     *           },
                     *           "name": "Big orders",
                     *           "active": true
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["WorkflowVersionSummary"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Bad Request: `INVALID_CURSOR`, `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_CURSOR" | "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowVersionsDiff: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                a: number;
                b: number;
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What turns version `a` into version `b`. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["WorkflowVersionDiff"];
                };
            };
            /** @description Bad Request: `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowVersionsGet: {
        parameters: {
            query?: never;
            header?: {
                /** @description An `ETag` that the caller has; 304 when it is still that. */
                "if-none-match"?: string;
            };
            path: {
                /** @description Begins with `wf_`. */
                id: string;
                n: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version. It never changes. */
            200: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["WorkflowVersion"];
                };
            };
            /** @description The caller has it already. */
            304: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `INVALID_REQUEST` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INVALID_REQUEST";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    versionChecksCheck: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `wf_`. */
                id: string;
                n: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "last": 100
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Executions to hold it against. Default 100.
                     * @example 100
                     */
                    last?: number;
                } | null;
            };
        };
        responses: {
            /** @description What it would have made of them. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "checked": 2,
                     *       "same": 1,
                     *       "different": 1,
                     *       "notReplayable": 0,
                     *       "isCut": false,
                     *       "executions": [
                     *         {
                     *           "executionId": "ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "workflowVersion": 1,
                     *           "same": false,
                     *           "takesAnotherPath": false,
                     *           "differences": [
                     *             {
                     *               "nodeId": "notify",
                     *               "kind": "input",
                     *               "at": "url",
                     *               "before": {
                     *                 "method": "POST",
                     *                 "url": "https://example.com/big"
                     *               },
                     *               "after": {
                     *                 "method": "POST",
                     *                 "url": "https://example.com/huge"
                     *               }
                     *             }
                     *           ],
                     *           "isCut": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["WorkflowVersionCheck"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND" | "WORKFLOW_VERSION_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowActivationWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Begins with `wf_`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4",
                     *           "nodeId": "order",
                     *           "url": "https://millrace.example.com/hooks/c2VjcmV0LXRva2VuLW9mLTI0Yg",
                     *           "method": "POST",
                     *           "active": true,
                     *           "createdAt": "2026-11-23T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Webhook"][];
                        /**
                         * @description Give it as `cursor` to get the next page; null on the last.
                         * @example null
                         */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Not Found: `WORKFLOW_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "WORKFLOW_NOT_FOUND";
                        /** @constant */
                        status: 404;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowExchangeImport: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
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
                 *       },
                 *       "credentials": {}
                 *     }
                 */
                "application/json": components["schemas"]["ImportableWorkflow"];
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Stored; reads will show it in a moment. */
            202: {
                headers: {
                    /** @description Of what was answered; goes into `If-Match` and `If-None-Match`. */
                    etag: string;
                    /** @description On an answer that was given before, to the same `Idempotency-Key`. */
                    "idempotency-replayed"?: "true";
                    /** @description Path of what was made. */
                    location: string;
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_IDEMPOTENCY_KEY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_IDEMPOTENCY_KEY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Conflict: `IDEMPOTENCY_ANSWER_NOT_KEPT`, `IDEMPOTENCY_KEY_IN_USE` */
            409: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_ANSWER_NOT_KEPT" | "IDEMPOTENCY_KEY_IN_USE";
                        /** @constant */
                        status: 409;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Unprocessable Entity: `IDEMPOTENCY_KEY_REUSED`, `INVALID_WORKFLOW` */
            422: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "IDEMPOTENCY_KEY_REUSED" | "INVALID_WORKFLOW";
                        /** @constant */
                        status: 422;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
    workflowsValidate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
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
                "application/json": components["schemas"]["WorkflowDefinition"];
            };
        };
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    /** @description What is left in this window, and its seconds to go. */
                    ratelimit?: string;
                    /** @description Requests a window, and its seconds. */
                    "ratelimit-policy"?: string;
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["WorkflowValidation"];
                };
            };
            /** @description Bad Request: `INCOMPLETE_BODY`, `INVALID_REQUEST`, `JSON_TOO_DEEP`, `MALFORMED_JSON` */
            400: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "INCOMPLETE_BODY" | "INVALID_REQUEST" | "JSON_TOO_DEEP" | "MALFORMED_JSON";
                        /** @constant */
                        status: 400;
                    };
                };
            };
            /** @description Unauthorized: `API_KEY_EXPIRED`, `TOKEN_EXPIRED`, `TOKEN_INVALID`, `UNAUTHENTICATED` */
            401: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "API_KEY_EXPIRED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNAUTHENTICATED";
                        /** @constant */
                        status: 401;
                    };
                };
            };
            /** @description Forbidden: `FORBIDDEN` */
            403: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "FORBIDDEN";
                        /** @constant */
                        status: 403;
                    };
                };
            };
            /** @description Payload Too Large: `BODY_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "BODY_TOO_LARGE";
                        /** @constant */
                        status: 413;
                    };
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "UNSUPPORTED_MEDIA_TYPE";
                        /** @constant */
                        status: 415;
                    };
                };
            };
            /** @description Too Many Requests: `TOO_MANY_REQUESTS` */
            429: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "TOO_MANY_REQUESTS";
                        /** @constant */
                        status: 429;
                    };
                };
            };
            /** @description Service Unavailable: `DATABASE_UNAVAILABLE`, `LOG_BUSY`, `LOG_UNAVAILABLE`, `SHUTTING_DOWN`, `TOO_BUSY` */
            503: {
                headers: {
                    /** @description Seconds after which to try again. */
                    "retry-after": string;
                    [name: string]: unknown;
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
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code: "DATABASE_UNAVAILABLE" | "LOG_BUSY" | "LOG_UNAVAILABLE" | "SHUTTING_DOWN" | "TOO_BUSY";
                        /** @constant */
                        status: 503;
                    };
                };
            };
        };
    };
}
