import java.util.Arrays;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/** Runs SQL statements, one an argument, on the cluster of FLINK_CONF_DIR; before them how many options, and those. */
public class Sql {
    public static void main(String[] args) {
        Configuration options = GlobalConfiguration.loadConfiguration();
        options.setString("execution.target", "remote");
        int first = Integer.parseInt(args[0]) + 1;
        for (String option : Arrays.copyOfRange(args, 1, first)) {
            options.setString(option.split("=", 2)[0], option.split("=", 2)[1]);
        }
        EnvironmentSettings settings = EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(options).build();
        TableEnvironment tables = TableEnvironment.create(settings);
        for (String statement : Arrays.copyOfRange(args, first, args.length)) {
            tables.executeSql(statement).getJobClient().ifPresent(job -> System.out.println("Job ID: " + job.getJobID()));
        }
    }
}
