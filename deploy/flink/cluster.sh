#!/bin/sh
# A Flink cluster on this machine: JobManager, TaskManager, Beam's job server and a pool of Python workers.
#
#   deploy/flink/cluster.sh install    get Flink and the job server into .build (once; some minutes)
#   deploy/flink/cluster.sh start      start all four
#   deploy/flink/cluster.sh check      say which of them answer
#   deploy/flink/cluster.sh replace    start a TaskManager in place of one that was killed
#   deploy/flink/cluster.sh stop       stop all four
#
# Needs Java 11 or 17, Maven to install, and this clone's .venv (`make setup`). Packages come from where uv and Maven are
# set up to get them. Everything lies under .build and listens on localhost alone.
set -eu
cd "$(dirname "$0")/../.."
HERE=$PWD
FLINK=$HERE/.build/flink-cluster
LOGS=$FLINK/logs
PIDS=$FLINK/pids
REST_PORT=8081
JOB_PORT=8099
ARTIFACT_PORT=8098
POOL_PORT=50000
UNTIL_SECONDS=120

say() { printf '%s\n' "flink: $*" >&2; }
stop_with() { say "$*"; exit 1; }

need_java() {
    if [ -n "${JAVA_HOME:-}" ]; then java=$JAVA_HOME/bin/java; else java=$(command -v java || true); fi
    [ -n "$java" ] && [ -x "$java" ] ||
        stop_with 'this needs Java 11 or 17, and there is no `java` in JAVA_HOME or PATH; install one (`apt-get install openjdk-17-jre-headless`) and try again.'
    version=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
    [ "${version:-0}" -ge 11 ] || stop_with "this needs Java 11 or 17, and $java is ${version:-unknown}; set JAVA_HOME to another."
    JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$java")")")
    export JAVA_HOME
}

need_python() {
    [ -x .venv/bin/seq2seq ] || stop_with 'this needs the project in .venv; run `make setup` first.'
}

flink_home() {
    # $1 the Python of the environment that Flink's packages are in.
    home=$(echo "$(dirname "$(dirname "$1")")"/lib/python3*/site-packages/pyflink)
    [ -d "$home/bin" ] || stop_with 'Flink is not installed; run `deploy/flink/cluster.sh install` first.'
    printf '%s\n' "$home"
}

use_flink() {
    FLINK_HOME=$(flink_home "$HERE/.build/flink/bin/python")
    export FLINK_HOME FLINK_CONF_DIR="$FLINK/conf" FLINK_LOG_DIR="$LOGS" FLINK_PID_DIR="$PIDS"
}

forget_dead_task_managers() {
    # Flink's script ends the process that its file names last, whatever has that number by now.
    for file in "$PIDS"/*-taskexecutor.pid; do
        [ -f "$file" ] || continue
        while read -r pid; do
            case "$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" || true)" in *TaskManagerRunner*) printf '%s\n' "$pid" ;; esac
        done <"$file" >"$file.living"
        mv "$file.living" "$file"
    done
}

install() {
    need_java
    need_python
    command -v mvn >/dev/null 2>&1 ||
        stop_with 'this needs Maven, and there is no `mvn` in PATH; install it (`apt-get install maven`) and try again.'
    mkdir -p "$LOGS"
    say 'installing Flink into .build/flink'
    python=$(scripts/peer.sh flink)
    home=$(flink_home "$python")
    chmod +x "$home"/bin/*.sh
    jar=$FLINK/job-server/job-server.jar
    if [ -z "$(find "$jar" -newer deploy/flink/pom.xml 2>/dev/null)" ]; then
        say "making the job server, $jar"
        mvn --batch-mode --file deploy/flink/pom.xml package -Dfolder="$FLINK/making" >"$LOGS/maven.log" 2>&1 ||
            stop_with "Maven could not make the job server; $LOGS/maven.log says why."
        mkdir -p "$FLINK/job-server"
        mv "$FLINK/making/job-server/job-server.jar" "$jar"
        rm -rf "$FLINK/making"
    fi
    say 'installed'
}

answers() { .venv/bin/python -c 'import socket, sys; socket.create_connection(("localhost", int(sys.argv[1])), 2).close()' "$1" 2>/dev/null; }

wait_for() {
    # $1 what, $2 its port, $3 its log
    tries=0
    until answers "$2"; do
        tries=$((tries + 1))
        if [ "$tries" -ge "$UNTIL_SECONDS" ]; then
            say "the $1 does not answer on port $2 after $UNTIL_SECONDS seconds; see $3"
            exit 1
        fi
        sleep 1
    done
    say "$1: localhost:$2"
}

in_background() {
    # $1 name; the rest is the command. Its own process group, so that what it starts ends with it.
    name=$1
    shift
    setsid "$@" >"$LOGS/$name.log" 2>&1 </dev/null &
    echo $! >"$PIDS/$name.pid"
}

start() {
    need_java
    need_python
    use_flink
    [ -f "$FLINK/job-server/job-server.jar" ] || stop_with 'the job server is not installed; run `deploy/flink/cluster.sh install` first.'
    for port in $REST_PORT $JOB_PORT $ARTIFACT_PORT $POOL_PORT; do
        if answers "$port"; then
            stop_with "something listens on port $port already; run \`deploy/flink/cluster.sh stop\`, or end what it is."
        fi
    done
    mkdir -p "$LOGS" "$PIDS" "$FLINK/conf" "$FLINK/artifacts" "$FLINK/tmp"
    cp "$FLINK_HOME"/conf/log4j*.properties "$FLINK_HOME"/conf/logback*.xml "$FLINK/conf/"
    { cat deploy/flink/config.yaml; printf 'io:\n  tmp:\n    dirs: %s\n' "$FLINK/tmp"; } >"$FLINK/conf/config.yaml"
    "$FLINK_HOME/bin/jobmanager.sh" start >/dev/null
    "$FLINK_HOME/bin/taskmanager.sh" start >/dev/null
    wait_for 'REST interface' $REST_PORT "$LOGS"
    in_background job-server "$JAVA_HOME/bin/java" -jar "$FLINK/job-server/job-server.jar" \
        --flink-master=localhost:$REST_PORT --job-host=localhost --job-port=$JOB_PORT --artifact-port=$ARTIFACT_PORT --expansion-port=0 \
        --artifacts-dir="$FLINK/artifacts"
    in_background worker-pool .venv/bin/python -m seq2seq_tfx.pipeline.worker_pool --port $POOL_PORT
    wait_for 'job service' $JOB_PORT "$LOGS/job-server.log"
    wait_for 'worker pool' $POOL_PORT "$LOGS/worker-pool.log"
}

check() {
    need_python
    wrong=0
    for service in "REST interface:$REST_PORT" "job service:$JOB_PORT" "worker pool:$POOL_PORT"; do
        if answers "${service##*:}"; then say "${service%:*} answers on port ${service##*:}"; else
            say "${service%:*} does not answer on port ${service##*:}"
            wrong=1
        fi
    done
    exit $wrong
}

replace() {
    need_java
    need_python
    use_flink
    answers $REST_PORT || stop_with 'no cluster runs; run `deploy/flink/cluster.sh start` first.'
    forget_dead_task_managers
    "$FLINK_HOME/bin/taskmanager.sh" start >/dev/null
    say 'a TaskManager was started'
}

stop() {
    for name in worker-pool job-server; do
        if [ -f "$PIDS/$name.pid" ]; then
            kill -TERM "-$(cat "$PIDS/$name.pid")" 2>/dev/null || true
            rm -f "$PIDS/$name.pid"
        fi
    done
    need_java
    use_flink
    forget_dead_task_managers
    "$FLINK_HOME/bin/taskmanager.sh" stop-all >/dev/null 2>&1 || true
    "$FLINK_HOME/bin/jobmanager.sh" stop >/dev/null 2>&1 || true
    say 'stopped'
}

case "${1:-}" in
    install) install ;;
    start) start ;;
    check) check ;;
    replace) replace ;;
    stop) stop ;;
    *) stop_with 'usage: deploy/flink/cluster.sh install | start | check | replace | stop' ;;
esac
