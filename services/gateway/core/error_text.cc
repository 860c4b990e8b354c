#include "services/gateway/core/error_text.h"

namespace zvon::gateway {
namespace {

struct CodeRow {
  absl::StatusCode code;
  std::string_view name;
  int http_status;
  std::string_view english;
  std::string_view russian;
};

constexpr CodeRow kRows[] = {
    {absl::StatusCode::kOk, "OK", 200, "Done.", "Готово."},
    {absl::StatusCode::kCancelled, "CANCELLED", 499, "Cancelled.", "Отменено."},
    {absl::StatusCode::kUnknown, "UNKNOWN", 500, "Something went wrong.", "Что-то пошло не так."},
    {absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT", 400, "Wrong value.",
     "Неверное значение."},
    {absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", 504, "No answer in time.",
     "Нет ответа вовремя."},
    {absl::StatusCode::kNotFound, "NOT_FOUND", 404, "Not found.", "Не найдено."},
    {absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS", 409, "Exists already.", "Уже существует."},
    {absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED", 403, "You may not do this.",
     "У вас нет на это права."},
    {absl::StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED", 429, "Too many requests.",
     "Слишком много запросов."},
    {absl::StatusCode::kFailedPrecondition, "FAILED_PRECONDITION", 409, "Not possible now.",
     "Сейчас это невозможно."},
    {absl::StatusCode::kAborted, "ABORTED", 409, "Somebody else has changed it; read it again.",
     "Кто-то уже изменил эти данные; прочитайте их снова."},
    {absl::StatusCode::kOutOfRange, "OUT_OF_RANGE", 416, "Out of range.", "Вне допустимых границ."},
    {absl::StatusCode::kUnimplemented, "UNIMPLEMENTED", 501, "Not available here.",
     "Здесь недоступно."},
    {absl::StatusCode::kInternal, "INTERNAL", 500, "Something went wrong.", "Что-то пошло не так."},
    {absl::StatusCode::kUnavailable, "UNAVAILABLE", 503, "A part of the platform is out of reach.",
     "Часть платформы сейчас недоступна."},
    {absl::StatusCode::kDataLoss, "DATA_LOSS", 500, "Something went wrong.",
     "Что-то пошло не так."},
    {absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED", 401, "Sign in first.",
     "Сначала войдите в систему."},
};

const CodeRow& RowOf(absl::StatusCode code) {
  for (const CodeRow& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows[2];
}

// Messages of these say what the user did, not what we are made of.
bool MessageIsForUsers(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnauthenticated:
      return true;
    default:
      return false;
  }
}

// Begins with a Cyrillic letter: a text already made for this user.
bool IsRussian(const std::string& text) {
  return text.size() > 1 && (text[0] == '\xd0' || text[0] == '\xd1');
}

}  // namespace

Language LanguageOf(std::string_view tag) {
  return tag.substr(0, 2) == "ru" ? Language::kRussian : Language::kEnglish;
}

std::string_view CodeName(absl::StatusCode code) { return RowOf(code).name; }

int HttpStatusOf(absl::StatusCode code) { return RowOf(code).http_status; }

std::string ErrorText(const absl::Status& status, Language language) {
  const CodeRow& row = RowOf(status.code());
  std::string message;
  if (MessageIsForUsers(status.code())) {
    message = std::string(status.message().data(), status.message().size());
  }
  if (language == Language::kEnglish) return message.empty() ? std::string(row.english) : message;
  if (IsRussian(message)) return message;
  if (message.empty() || status.code() == absl::StatusCode::kUnauthenticated ||
      status.code() == absl::StatusCode::kPermissionDenied) {
    return std::string(row.russian);
  }
  return std::string(row.russian) + " (" + message + ")";
}

std::string FieldOf(const absl::Status& status) {
  constexpr size_t kFieldMax = 40;
  if (!absl::IsInvalidArgument(status)) return "";
  std::string message(status.message().data(), status.message().size());
  size_t colon = message.find(": ");
  if (colon == std::string::npos || colon > kFieldMax) return "";
  std::string field = message.substr(0, colon);
  return field.find(' ') == std::string::npos ? field : "";
}

}  // namespace zvon::gateway
