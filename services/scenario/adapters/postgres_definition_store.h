#pragma once

#include <memory>

#include "services/common/db/database.h"
#include "services/scenario/ports/definition_store.h"

namespace zvon::scenario {

// Tables of migrations/ in the schema "scenario". `database` outlives it.
std::unique_ptr<DefinitionStore> MakePostgresDefinitionStore(Database& database);

}  // namespace zvon::scenario
