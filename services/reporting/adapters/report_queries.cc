#include "services/reporting/adapters/report_queries.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "services/reporting/core/csv.h"
#include "zvon/reportingservice/v1/reporting_service.pb.h"

namespace zvon::reporting {
namespace {

namespace api = zvon::reportingservice::v1;
namespace res = zvon::reporting::v1;

constexpr char kColumns[] =
    "interaction_id, tenant_id, call_id, direction, caller_number, caller_name, called_number, start_time, "
    "answer_time, end_time, queue_id, agent_id, outcome, disposition_id, comment, end_cause, wait_ms, talk_ms, "
    "hold_ms, wrap_up_ms, array_to_string(recording_ids, ',')";

void SetTime(absl::Time t, google::protobuf::Timestamp* out) {
  const int64_t micros = absl::ToUnixMicros(t);
  out->set_seconds(micros / 1'000'000);
  out->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
}
absl::Time GetTime(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}
void SetMs(int64_t ms, google::protobuf::Duration* out) {
  out->set_seconds(ms / 1000);
  out->set_nanos(static_cast<int32_t>(ms % 1000) * 1'000'000);
}

void FillRecord(const DbRow& row, res::InteractionRecord* r) {
  r->set_interaction_id(row.Text(0));
  r->set_tenant_id(row.Text(1));
  r->set_call_id(row.Text(2));
  r->set_direction(row.Text(3));
  r->set_caller_number(row.Text(4));
  r->set_caller_name(row.Text(5));
  r->set_called_number(row.Text(6));
  SetTime(row.Time(7), r->mutable_start_time());
  if (!row.IsNull(8)) SetTime(row.Time(8), r->mutable_answer_time());
  if (!row.IsNull(9)) SetTime(row.Time(9), r->mutable_end_time());
  r->set_queue_id(row.Text(10));
  r->set_agent_id(row.Text(11));
  r->set_outcome(row.Text(12));
  r->set_disposition_id(row.Text(13));
  r->set_comment(row.Text(14));
  r->set_end_cause(row.Text(15));
  SetMs(row.Int(16), r->mutable_wait());
  SetMs(row.Int(17), r->mutable_talk());
  SetMs(row.Int(18), r->mutable_hold());
  SetMs(row.Int(19), r->mutable_wrap_up());
  for (auto id : absl::StrSplit(row.Text(20), ',', absl::SkipEmpty())) r->add_recording_ids(std::string(id));
}

// WHERE conditions with bound parameters.
struct Conditions {
  std::vector<std::string> parts;
  DbParams params;
  void Add(const std::string& before, std::string value, const std::string& after = "") {
    params.push_back(std::move(value));
    parts.push_back(absl::StrCat(before, "$", params.size(), after));
  }
  std::string Sql() const { return absl::StrJoin(parts, " and "); }
};

template <class List>
void AddAny(Conditions& where, const std::string& column, const List& values) {
  if (values.empty()) return;
  where.Add(column + " = any(", DbArray({values.begin(), values.end()}), "::text[])");
}

Conditions ToConditions(const std::string& tenant_id, const api::InteractionFilter& filter) {
  Conditions where;
  where.Add("tenant_id = ", tenant_id);
  if (filter.has_start_time()) where.Add("start_time >= ", DbTime(GetTime(filter.start_time())), "::timestamptz");
  if (filter.has_end_time()) where.Add("start_time < ", DbTime(GetTime(filter.end_time())), "::timestamptz");
  AddAny(where, "queue_id", filter.queue_ids());
  AddAny(where, "agent_id", filter.agent_ids());
  AddAny(where, "outcome", filter.outcomes());
  AddAny(where, "disposition_id", filter.disposition_ids());
  if (!filter.number().empty()) {
    const std::string part = absl::StrReplaceAll(filter.number(), {{"\\", "\\\\"}, {"%", "\\%"}, {"_", "\\_"}});
    where.Add("(caller_number || ' ' || called_number) like ", absl::StrCat("%", part, "%"));
  }
  return where;
}

// "unix micros of the start,interaction id" of the last row told.
bool AddPageToken(Conditions& where, const std::string& token) {
  if (token.empty()) return true;
  std::string text;
  int64_t micros = 0;
  if (!absl::WebSafeBase64Unescape(token, &text)) return false;
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(',', 1));
  if (!absl::SimpleAtoi(parts.first, &micros) || parts.second.empty()) return false;
  where.params.push_back(DbTime(absl::FromUnixMicros(micros)));
  where.params.push_back(parts.second);
  where.parts.push_back(absl::StrCat("(start_time, interaction_id) < ($", where.params.size() - 1,
                                     "::timestamptz, $", where.params.size(), ")"));
  return true;
}
std::string PageToken(const res::InteractionRecord& last) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(absl::ToUnixMicros(GetTime(last.start_time())), ",", last.interaction_id()));
}

constexpr char kSums[] =
    "count(*) filter (where outcome <> 'refused'), count(*) filter (where outcome = 'answered'), "
    "count(*) filter (where outcome = 'answered' and within_threshold), "
    "count(*) filter (where outcome = 'abandoned'), "
    "count(*) filter (where outcome = 'abandoned' and within_threshold), "
    "count(*) filter (where outcome = 'abandoned' and short_abandon), "
    "count(*) filter (where outcome = 'flowed_out'), count(*) filter (where outcome = 'waiting'), "
    "coalesce(sum(extract(epoch from leave_time - enter_time) * 1000) filter (where outcome = 'answered'), 0)::bigint, "
    "coalesce(sum(talk_ms), 0)::bigint, coalesce(sum(hold_ms), 0)::bigint, coalesce(sum(wrap_up_ms), 0)::bigint";

void FillInterval(const DbRow& row, size_t at, res::QueueInterval* out) {
  out->set_offered(static_cast<int32_t>(row.Int(at)));
  out->set_answered(static_cast<int32_t>(row.Int(at + 1)));
  out->set_answered_within_threshold(static_cast<int32_t>(row.Int(at + 2)));
  out->set_abandoned(static_cast<int32_t>(row.Int(at + 3)));
  out->set_abandoned_within_threshold(static_cast<int32_t>(row.Int(at + 4)));
  out->set_short_abandoned(static_cast<int32_t>(row.Int(at + 5)));
  out->set_flowed_out(static_cast<int32_t>(row.Int(at + 6)));
  out->set_waiting(static_cast<int32_t>(row.Int(at + 7)));
  SetMs(row.Int(at + 8), out->mutable_wait_answered());
  SetMs(row.Int(at + 9), out->mutable_talk());
  SetMs(row.Int(at + 10), out->mutable_hold());
  SetMs(row.Int(at + 11), out->mutable_wrap_up());
  const int base = out->offered() - out->short_abandoned() - out->waiting();
  out->set_service_level(base > 0 ? static_cast<double>(out->answered_within_threshold()) / base : -1);
}

absl::Status ReadInterval(const api::GetQueueSummaryRequest& request, absl::Duration* interval) {
  *interval = absl::Seconds(request.interval().seconds());
  if (*interval == absl::ZeroDuration()) *interval = absl::Hours(1);
  for (absl::Duration allowed : {absl::Minutes(15), absl::Minutes(30), absl::Hours(1), absl::Hours(24)}) {
    if (*interval == allowed) return absl::OkStatus();
  }
  return absl::InvalidArgumentError("interval: 15 min, 30 min, 1 h or 24 h, not " + absl::FormatDuration(*interval));
}

Conditions SummaryConditions(const api::GetQueueSummaryRequest& request) {
  Conditions where;
  where.Add("tenant_id = ", request.tenant_id());
  where.Add("enter_time >= ", DbTime(GetTime(request.start_time())), "::timestamptz");
  where.Add("enter_time < ", DbTime(GetTime(request.end_time())), "::timestamptz");
  AddAny(where, "queue_id", request.queue_ids());
  return where;
}

struct Words {
  std::vector<std::string> interactions, summary;
};
const Words& WordsOf(const std::string& language) {
  static const Words russian = {
      {"Начало", "Направление", "Номер клиента", "Имя", "Набранный номер", "Очередь", "Агент", "Итог", "Результат",
       "Комментарий", "Ожидание, с", "Разговор, с", "Удержание, с", "Поствызывная обработка, с", "Причина окончания",
       "Идентификатор"},
      {"Очередь", "Начало", "Поступило", "Отвечено", "Отвечено в срок", "Потеряно", "Коротких потерь", "Ушло из очереди",
       "Ожидает", "Уровень обслуживания", "Среднее ожидание, с", "Среднее время обработки, с"}};
  static const Words english = {
      {"Start", "Direction", "Customer number", "Name", "Called number", "Queue", "Agent", "Outcome", "Disposition",
       "Comment", "Wait, s", "Talk, s", "Hold, s", "Wrap-up, s", "End cause", "Identifier"},
      {"Queue", "Start", "Offered", "Answered", "Answered in time", "Abandoned", "Short abandons", "Flowed out",
       "Waiting", "Service level", "Average wait, s", "Average handle time, s"}};
  return language == "ru" ? russian : english;
}

std::string Seconds(const google::protobuf::Duration& d) {
  return absl::StrFormat("%.3f", static_cast<double>(d.seconds()) + d.nanos() / 1e9);
}

absl::StatusOr<absl::TimeZone> ReadZone(const std::string& name) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!name.empty() && !absl::LoadTimeZone(name, &zone)) {
    return absl::InvalidArgumentError("time_zone: \"" + name + "\" is not known");
  }
  return zone;
}
std::string LocalTime(const google::protobuf::Timestamp& t, const absl::TimeZone& zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", GetTime(t), zone);
}

}  // namespace

absl::Status ReportQueries::List(const api::ListInteractionsRequest& request, api::ListInteractionsResponse* response) {
  const int size = request.page_size() == 0 ? 50 : request.page_size();
  if (size < 1 || size > 1000) return absl::InvalidArgumentError("page_size: 1 to 1000");
  Conditions where = ToConditions(request.tenant_id(), request.filter());
  if (!AddPageToken(where, request.page_token())) return absl::InvalidArgumentError("page_token: not one of ours");
  auto rows = database_.Run(absl::StrCat("select ", kColumns, " from reporting.interactions where ", where.Sql(),
                                         " order by start_time desc, interaction_id desc limit ", size + 1),
                            where.params);
  if (!rows.ok()) return rows.status();
  for (const DbRow& row : rows->rows) {
    if (response->interactions_size() == size) {
      response->set_next_page_token(PageToken(response->interactions(size - 1)));
      break;
    }
    FillRecord(row, response->add_interactions());
  }
  return absl::OkStatus();
}

absl::Status ReportQueries::Get(const api::GetInteractionRequest& request, api::GetInteractionResponse* response) {
  auto rows = database_.Run(absl::StrCat("select ", kColumns, " from reporting.interactions where tenant_id=$1 and "
                                                              "interaction_id=$2"),
                            {request.tenant_id(), request.interaction_id()});
  if (!rows.ok()) return rows.status();
  if (rows->rows.empty()) return absl::NotFoundError("no interaction " + request.interaction_id());
  FillRecord(rows->rows[0], response->mutable_interaction());
  auto segments = database_.Run(
      "select index, kind, start_time, end_time, queue_id, agent_id, outcome from reporting.segments where "
      "interaction_id=$1 order by index",
      {request.interaction_id()});
  if (!segments.ok()) return segments.status();
  for (const DbRow& row : segments->rows) {
    auto* s = response->add_segments();
    s->set_index(static_cast<int32_t>(row.Int(0)));
    s->set_kind(row.Text(1));
    SetTime(row.Time(2), s->mutable_start_time());
    if (!row.IsNull(3)) SetTime(row.Time(3), s->mutable_end_time());
    s->set_queue_id(row.Text(4));
    s->set_agent_id(row.Text(5));
    s->set_outcome(row.Text(6));
  }
  return absl::OkStatus();
}

absl::Status ReportQueries::Summary(const api::GetQueueSummaryRequest& request, api::GetQueueSummaryResponse* response) {
  if (!request.has_start_time() || !request.has_end_time()) {
    return absl::InvalidArgumentError("start_time and end_time: both are wanted");
  }
  absl::Duration interval;
  if (auto status = ReadInterval(request, &interval); !status.ok()) return status;
  if ((GetTime(request.end_time()) - GetTime(request.start_time())) / interval > 10'000) {
    return absl::InvalidArgumentError("end_time: more than 10000 intervals; choose longer ones or a shorter period");
  }
  Conditions where = SummaryConditions(request);
  auto totals = database_.Run(absl::StrCat("select queue_id, ", kSums, " from reporting.queue_stays where ",
                                           where.Sql(), " group by 1 order by 1"),
                              where.params);
  if (!totals.ok()) return totals.status();
  for (const DbRow& row : totals->rows) {
    auto* total = response->add_totals();
    total->set_queue_id(row.Text(0));
    *total->mutable_start_time() = request.start_time();
    FillInterval(row, 1, total);
  }
  // Intervals are counted from the start asked for: the caller aligns them to
  // the tenant's day.
  where.params.push_back(absl::StrCat(absl::ToInt64Seconds(interval), " seconds"));
  auto rows = database_.Run(
      absl::StrCat("select queue_id, date_bin($", where.params.size(), "::interval, enter_time, $2::timestamptz), ",
                   kSums, " from reporting.queue_stays where ", where.Sql(), " group by 1, 2 order by 2, 1"),
      where.params);
  if (!rows.ok()) return rows.status();
  for (const DbRow& row : rows->rows) {
    auto* out = response->add_intervals();
    out->set_queue_id(row.Text(0));
    SetTime(row.Time(1), out->mutable_start_time());
    SetMs(absl::ToInt64Milliseconds(interval), out->mutable_length());
    FillInterval(row, 2, out);
  }
  return absl::OkStatus();
}

absl::Status ReportQueries::Export(const api::ExportInteractionsRequest& request, const Writer& write) {
  auto zone = ReadZone(request.time_zone());
  if (!zone.ok()) return zone.status();
  if (!write(kByteOrderMark + CsvRow(WordsOf(request.language()).interactions))) return absl::OkStatus();
  api::ListInteractionsRequest page;
  page.set_tenant_id(request.tenant_id());
  *page.mutable_filter() = request.filter();
  page.set_page_size(1000);
  do {
    api::ListInteractionsResponse rows;
    if (auto status = List(page, &rows); !status.ok()) return status;
    std::string text;
    for (const auto& r : rows.interactions()) {
      text += CsvRow({LocalTime(r.start_time(), *zone), r.direction(), r.caller_number(), r.caller_name(),
                      r.called_number(), r.queue_id(), r.agent_id(), r.outcome(), r.disposition_id(), r.comment(),
                      Seconds(r.wait()), Seconds(r.talk()), Seconds(r.hold()), Seconds(r.wrap_up()), r.end_cause(),
                      r.interaction_id()});
    }
    if (!text.empty() && !write(std::move(text))) return absl::OkStatus();
    page.set_page_token(rows.next_page_token());
  } while (!page.page_token().empty());
  return absl::OkStatus();
}

absl::Status ReportQueries::ExportSummary(const api::ExportQueueSummaryRequest& request, const Writer& write) {
  auto zone = ReadZone(request.time_zone());
  if (!zone.ok()) return zone.status();
  api::GetQueueSummaryResponse summary;
  if (auto status = Summary(request.query(), &summary); !status.ok()) return status;
  std::string text = kByteOrderMark + CsvRow(WordsOf(request.language()).summary);
  for (const auto& i : summary.intervals()) {
    const double answered = std::max(1, i.answered());
    auto seconds = [](const google::protobuf::Duration& d) { return static_cast<double>(d.seconds()) + d.nanos() / 1e9; };
    text += CsvRow({i.queue_id(), LocalTime(i.start_time(), *zone), absl::StrCat(i.offered()), absl::StrCat(i.answered()),
                    absl::StrCat(i.answered_within_threshold()), absl::StrCat(i.abandoned()),
                    absl::StrCat(i.short_abandoned()), absl::StrCat(i.flowed_out()), absl::StrCat(i.waiting()),
                    i.service_level() < 0 ? "" : absl::StrFormat("%.4f", i.service_level()),
                    absl::StrFormat("%.3f", seconds(i.wait_answered()) / answered),
                    absl::StrFormat("%.3f", (seconds(i.talk()) + seconds(i.hold()) + seconds(i.wrap_up())) / answered)});
  }
  write(std::move(text));
  return absl::OkStatus();
}

}  // namespace zvon::reporting
