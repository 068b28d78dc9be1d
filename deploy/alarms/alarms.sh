#!/bin/sh
# Run the query of each alarm on a lake. Prints the rows, a JSON line each, and writes their number for Prometheus.
#   alarms.sh LAKE METRICS-FILE
set -eu
lake=$1 target=$2
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
part=$target.part
printf '# HELP newsbeam_alarm_rows Rows that the query of an alarm returned; 0 means no problem.\n' > "$part"
printf '# TYPE newsbeam_alarm_rows gauge\n' >> "$part"
for query in "$here"/*.sql; do
    alarm=$(basename "$query" .sql)
    rows=$(newsbeam sql --lake "$lake" --json -- "$(cat "$query")")
    count=0
    if [ -n "$rows" ]; then
        count=$(printf '%s\n' "$rows" | wc -l)
        printf '%s\n' "$rows" | sed "s/^{/{\"alarm\": \"$alarm\", /"
    fi
    printf 'newsbeam_alarm_rows{alarm="%s"} %d\n' "$alarm" "$count" >> "$part"
done
printf '# HELP newsbeam_alarms_timestamp_seconds When the alarms last ran.\n' >> "$part"
printf '# TYPE newsbeam_alarms_timestamp_seconds gauge\n' >> "$part"
printf 'newsbeam_alarms_timestamp_seconds %s\n' "$(date +%s)" >> "$part"
chmod 644 "$part"
mv "$part" "$target"
