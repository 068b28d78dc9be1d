"""newsbeam under Airflow: a run each quarter of an hour, and a look at the lake's health behind it.

newsbeam has an environment of its own on the workers, so its pins and Airflow's never meet.
Airflow's variables (or environment, AIRFLOW_VAR_NEWSBEAM_...) say where it is: newsbeam_home,
newsbeam_feeds, newsbeam_lake, newsbeam_contact.
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.apache.beam.operators.beam import BeamRunPythonPipelineOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

HOME = "{{ var.value.get('newsbeam_home', '/opt/newsbeam') }}"
LAKE = "{{ var.value.get('newsbeam_lake', '/var/lib/newsbeam/lake') }}"

with DAG(
    dag_id="newsbeam",
    description="Feeds into the lake",
    schedule="*/15 * * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args={"owner": "newsbeam", "retries": 2, "retry_delay": timedelta(minutes=2)},
    tags=["newsbeam"],
):
    ingest = BeamRunPythonPipelineOperator(
        task_id="ingest",
        py_options=["-P", "-m"],
        py_file="pipelines.launch",
        py_interpreter=HOME + "/.venv/bin/python",
        runner="DirectRunner",
        pipeline_options={
            "task": "ingest",
            "feeds": "{{ var.value.get('newsbeam_feeds', '/etc/newsbeam/feeds.opml') }}",
            "lake": LAKE,
            "contact": "{{ var.value.newsbeam_contact }}",
            "deadline": "600",
        },
    )
    healthy = BashOperator(
        task_id="healthy",
        bash_command=HOME + '/.venv/bin/newsbeam doctor --lake "$LAKE" --max-age 3600',
        env={"LAKE": LAKE},
        append_env=True,
        retries=0,
    )
    ingest >> healthy
