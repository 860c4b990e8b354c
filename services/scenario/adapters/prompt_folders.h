#pragma once

#include <string>
#include <vector>

#include "services/scenario/core/prompt_catalog.h"

namespace zvon::scenario {

// Lists the WAV files under "prefix=folder" entries, as media maps them:
// {"ru=/usr/share/…/ru_RU_f_IvrvoiceRU"} gives "ru/digits/20". The catalogue is
// complete where every folder could be read; with none of them it is what
// Debian's packages hold.
PromptCatalog ReadPromptFolders(const std::vector<std::string>& folders);

}  // namespace zvon::scenario
