#pragma once
// Errors as clients see them: a code, an HTTP status, a sentence in the
// user's language.

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace zvon::gateway {

enum class Language { kEnglish, kRussian };
// "ru", "ru-RU,ru;q=0.9" → Russian; all else English.
Language LanguageOf(std::string_view tag);

// "INVALID_ARGUMENT" of google.rpc.Code.
std::string_view CodeName(absl::StatusCode code);
int HttpStatusOf(absl::StatusCode code);

// English: the message of the status. Russian: a sentence for the code, the
// message in brackets where it helps the user. Internal errors tell nobody
// what happened inside.
std::string ErrorText(const absl::Status& status, Language language);

// "pageSize: …" → "pageSize": the field that an INVALID_ARGUMENT begins with.
std::string FieldOf(const absl::Status& status);

}  // namespace zvon::gateway
