#include "services/scenario/server/scenario_settings.h"

namespace zvon::scenario {

void ScenarioSettings::BindTo(SettingsReader& reader) {
  reader.Bind("grpc.listen", &listen, "Address of the internal gRPC port");
  tls.BindTo(reader);
  redis.BindTo(reader);
  postgres.BindTo(reader, "scenario");
  kafka.BindTo(reader);
  reader.Bind("migrations.dir", &migrations_dir, "Folder of the SQL migrations");
  reader.Bind("directory.address", &directory_address, "Address of directory");
  reader.Bind("demo.enabled", &demo_enabled, "Load the demo tenant's scenarios");
  reader.Bind("demo.dir", &demo_dir, "Folder of the demo tenant's scenarios");
  reader.Bind(
      "prompts.folders", &prompt_folders,
      "Folders of prompts as PREFIX=FOLDER, as in media; what is not there is refused in drafts");
  reader.Bind("runs.detached_max", &detached_max,
              "How long a run waits in memory for its call's stream");
  reader.Bind("runs.max", &runs_max, "Most runs at once", 1, 1'000'000);
}

}  // namespace zvon::scenario
