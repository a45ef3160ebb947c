%% Counters on the BEAM: one gen_server each, called with 64 bytes more, from callers of which each makes its next call
%% when it has the answer to the last. Started by run.sh.
-module(sticky_peer).
-behaviour(gen_server).
-export([main/1, serve/0, host/1, init/1, handle_call/3, handle_cast/2]).

-define(FINE_NANOS, 100).       % latencies are counted in steps of 0.1 us
-define(FINE, 1000000).         % up to 0.1 s,
-define(COARSE_NANOS, 1000000). % then in steps of 1 ms
-define(STEPS, 1100000).        % up to 100 s; what took longer counts as that
-define(ONE_SECONDS_MAX, 5).

init(Total) -> {ok, Total}.
handle_call({add, N, _Padding}, _From, Total) -> {reply, Total + N, Total + N}.
handle_cast(_, Total) -> {noreply, Total}.

%% Starts that many counters on this node.
host(Keys) -> [element(2, {ok, _} = gen_server:start(?MODULE, 0, [])) || _ <- lists:seq(1, Keys)].

%% The other node of the remote case: the driver's rpc calls host/1 here.
serve() -> io:format("UP~n"), receive stop -> ok end.

main(["local" | Numbers]) ->
    [Keys | Load] = [list_to_integer(N) || N <- Numbers],
    run(host(Keys), Load);
main(["remote", Name | Numbers]) ->
    [Keys | Load] = [list_to_integer(N) || N <- Numbers],
    Node = list_to_atom(Name),
    pong = net_adm:ping(Node),
    run(rpc:call(Node, ?MODULE, host, [Keys]), Load).

run(Pids, [Window, Warm, Seconds]) ->
    Counters = list_to_tuple(Pids),
    load(Counters, Window, Warm, warm),
    load(Counters, Window, Seconds, measured),
    load(Counters, 1, 1, warm),
    load(Counters, 1, min(Seconds, ?ONE_SECONDS_MAX), measured),
    erlang:halt(0).

load(Counters, Window, Seconds, What) ->
    [io:format("MEASURE window=~b~n", [Window]) || What =:= measured],
    Steps = counters:new(?STEPS, [write_concurrency]),
    Began = now_nanos(),
    End = Began + Seconds * 1000000000,
    Callers = [spawn_monitor(fun() -> call(Counters, Steps, <<0:512>>, Began, End) end) || _ <- lists:seq(1, Window)],
    [receive {'DOWN', Monitor, process, Pid, Why} -> normal = Why end || {Pid, Monitor} <- Callers],
    Lasted = (now_nanos() - Began) / 1.0e9,
    [report(Window, Steps, Lasted) || What =:= measured].

call(Counters, Steps, Padding, Now, End) when Now < End ->
    gen_server:call(element(rand:uniform(tuple_size(Counters)), Counters), {add, 1, Padding}),
    Done = now_nanos(),
    counters:add(Steps, step(Done - Now), 1),
    call(Counters, Steps, Padding, Done, End);
call(_, _, _, _, _) -> ok.

report(Window, Steps, Lasted) ->
    Counts = [counters:get(Steps, I) || I <- lists:seq(1, ?STEPS)],
    Calls = lists:sum(Counts),
    io:format("RESULT window=~b calls=~b rate=~b/s p50=~.1fus p99=~.1fus failed=0~n",
              [Window, Calls, round(Calls / Lasted), micros(Counts, Calls * 0.5, 1), micros(Counts, Calls * 0.99, 1)]).

micros([Count | More], Left, Step) when Left > Count, More =/= [] -> micros(More, Left - Count, Step + 1);
micros(_, _, Step) when Step =< ?FINE -> Step * ?FINE_NANOS / 1000;
micros(_, _, Step) -> (Step - ?FINE) * ?COARSE_NANOS / 1000.

step(Nanos) when Nanos < ?FINE * ?FINE_NANOS -> Nanos div ?FINE_NANOS + 1;
step(Nanos) -> min(Nanos div ?COARSE_NANOS + 1 + ?FINE, ?STEPS).

now_nanos() -> erlang:monotonic_time(nanosecond).
