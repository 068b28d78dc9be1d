"""What the launcher of the flex template runs: its parameters become the graph of one Dataflow
job."""

from pipelines.launch import main

if __name__ == "__main__":
    main()
