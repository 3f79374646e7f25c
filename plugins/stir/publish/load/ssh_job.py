"""Builds the SQL of a load job on the PostgreSQL host, and the shell scripts that start, query and stop the job.

A job is known by its key and lives in a folder of that name. Starting it again joins it: the job and its children hold
a `flock`, so two never run, even if a connection broke, a client died or a retry came early. The job writes its return
code last, and its load is one transaction that creates the table, so it happens once or not at all.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from stir.publish import ddl, partitions, session
from stir.publish.export import unchanged_months
from stir.publish.export.manifest import Part
from stir.publish.state import PublishState


def load_sql(state: PublishState, table: str, parts: Sequence[Part]) -> str:
    """The script that psql runs in one transaction: create the table, copy every part, and check the row count.

    A program that dies at the end of a row looks like the end of its data to COPY, so the count decides. Months that
    have not changed go through a file of the job: rows of an INSERT would not be frozen, and a snapshot older than the
    load would see the others only.
    """
    tables = partitions.loaded_tables(state, table)
    columns = ddl.columns(state.spec).as_string()
    creates = [f"{ddl.create_table(state.spec, name, month=month).as_string()};" for month, name in tables.items()]
    copies = []
    stay = state.spec.mode == "partition"
    if state.carried and not stay:
        stored = ddl.stored(table).as_string()
        copies = [
            f"\\copy ({unchanged_months.live_rows(state).as_string()}) to 'carried' with (format binary)",
            f"\\copy {stored} ({columns}) from 'carried' with (format binary, freeze)",
            r"\! rm -f carried",
        ]
    for part in parts:
        fetch = f"curl -fsS -K {part_file(part)} | zstd -dcq"
        stored = ddl.stored(tables[part.month]).as_string()
        copies.append(f"\\copy {stored} ({columns}) from program '{fetch}' with (format text, freeze)")
    complaint = "the parts hold other rows than the manifest promises"
    if state.carried and not stay:
        complaint += ", or somebody changed the live table: then publish with --force"
    check = (
        f"do $stir$ begin if {partitions.count_statement(tables.values()).as_string()} <> "
        f"{partitions.loaded_rows(state)} then raise exception '{complaint}'; end if; end $stir$;"
    )
    return "\n".join([session.statements(), *creates, *copies, check, ""])


def part_file(part: Part) -> str:
    """Name of the file with the address of a part for curl; the address is a secret, so it is in no command line."""
    return f"part-{part.number:03}.curl"


def start_script(folder: str, key: str, psql: str, service: str, files: Mapping[str, str]) -> str:
    """Start the job unless it runs or has succeeded; prints `started`, `running` or `ended 0`."""
    written = "\n".join(f"printf %s {shlex.quote(content)} > {shlex.quote(name)}" for name, content in files.items())
    # A time-out of the role could end the transaction before its first statement, so psql starts with the settings.
    options = f"PGOPTIONS={shlex.quote(session.options())}"
    load = f"{options} {shlex.quote(psql)} -Xqw1 -v ON_ERROR_STOP=1 -f load.sql {shlex.quote(f'service={service}')}"
    # The secret addresses are removed before the return code is written.
    job = f"{load}; code=$?; rm -f part-*.curl; echo $code > rc.new; mv rc.new rc"
    return f"""set -eu
umask 077
mkdir -p {_path(folder, key)}
cd {_path(folder, key)}
exec 9> lock
if ! flock -n 9; then echo running; exit 0; fi
if [ "$(cat rc 2>/dev/null)" = 0 ]; then echo "ended 0"; exit 0; fi
rm -f rc
{written}
setsid sh -c {shlex.quote(job)} < /dev/null > out 2> err &
echo $! > pid
echo started
"""


def ask_script(folder: str, key: str) -> str:
    """Prints `running`, `ended N` and the job's errors, or `lost` if it ended without a return code."""
    return f"""cd {_path(folder, key)} 2>/dev/null || {{ echo lost; exit 0; }}
if [ ! -f rc ] && ! flock -n lock true; then echo running; exit 0; fi
if [ -f rc ]; then echo "ended $(cat rc)"; tail -c 2000 err; else echo lost; fi
"""


def stop_script(folder: str, keys: str) -> str:
    """Stop the jobs whose keys match a pattern, with their children, and remove them when their locks are free."""
    return f"""cd {shlex.quote(folder)} 2>/dev/null || exit 0
for job in {keys}; do
    [ -d "$job" ] || continue
    # Only a job that still holds its lock is killed: the number in an old pid file may be somebody else's by now.
    if ! flock -n "$job/lock" true; then
        kill -s TERM -- "-$(cat "$job/pid")" 2>/dev/null
        if ! flock -w 10 "$job/lock" true; then
            kill -s KILL -- "-$(cat "$job/pid")" 2>/dev/null
            flock -w 10 "$job/lock" true
        fi
    fi
    # Another caller of the same job may make its lock again in the emptied folder: then this tries again.
    for attempt in 1 2 3 4 5; do rm -rf "$job" && continue 2; done
    failed=1
done
exit ${{failed:-0}}
"""


def _path(folder: str, key: str) -> str:
    """A folder below the login's home, unless it is absolute."""
    return shlex.quote(f"{folder}/{key}")
