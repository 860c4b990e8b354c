#include "services/common/settings/settings.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/common/settings/settings_sources.h"
#include "services/common/settings/settings_values.h"

extern "C" char** environ;

namespace zvon {
namespace {

using internal::SourcedValue;

constexpr char kStrictVariable[] = "ZVON_STRICT_ENV";

std::string VariableName(const std::string& key) {
  return absl::StrCat("ZVON_", absl::AsciiStrToUpper(absl::StrReplaceAll(
                                   key, {{".", "_"}, {"-", "_"}})));
}

}  // namespace

struct SettingsReader::Impl {
  struct Setting {
    std::string key;
    std::string help;
    std::string expected;
    bool secret = false;
    std::function<absl::Status(const std::string&)> set;
    std::function<std::string()> show;
    std::string place = "default";
  };

  std::string program;
  std::string description;
  std::vector<Setting> settings;  // In order of binding, as --help shows them.
  std::map<std::string, size_t> by_key;
  std::map<std::string, size_t> by_variable;

  void Add(Setting setting) {
    by_key[setting.key] = settings.size();
    by_variable[VariableName(setting.key)] = settings.size();
    settings.push_back(std::move(setting));
  }
  std::string Suggestion(const std::string& wrong, const std::map<std::string, size_t>& known) const {
    std::string best;
    size_t best_distance = wrong.size() / 2 + 1;
    for (const auto& [name, index] : known) {
      size_t distance = internal::EditDistance(wrong, name);
      if (distance < best_distance) {
        best = name;
        best_distance = distance;
      }
    }
    return best.empty() ? "; --help lists all settings"
                        : absl::StrCat("; did you mean \"", best, "\"?");
  }
  absl::Status Unknown(const SourcedValue& value, const std::map<std::string, size_t>& known) const {
    return absl::InvalidArgumentError(absl::StrCat(value.place, ": unknown setting \"", value.key,
                                                   "\"", Suggestion(value.key, known)));
  }
  absl::Status Apply(Setting& setting, const SourcedValue& value) {
    if (absl::Status status = setting.set(value.value); !status.ok()) {
      std::string shown = setting.secret ? "the value" : absl::StrCat("\"", value.value, "\"");
      return absl::InvalidArgumentError(absl::StrCat(value.place, ": ", setting.key, ": ", shown,
                                                     ": ", std::string(status.message())));
    }
    setting.place = value.place;
    return absl::OkStatus();
  }
  absl::Status ApplyAll(const std::vector<SourcedValue>& values) {
    for (const SourcedValue& value : values) {
      auto it = by_key.find(value.key);
      if (it == by_key.end()) return Unknown(value, by_key);
      if (absl::Status status = Apply(settings[it->second], value); !status.ok()) return status;
    }
    return absl::OkStatus();
  }
  absl::Status ApplyEnvironment(const std::vector<SourcedValue>& values) {
    bool strict = false;
    for (const SourcedValue& value : values) {
      if (value.key == kStrictVariable) strict = value.value == "1";
    }
    for (const SourcedValue& value : values) {
      if (value.key == kStrictVariable || value.key == "ZVON_CONFIG") continue;
      auto it = by_variable.find(value.key);
      if (it == by_variable.end()) {
        if (strict) return Unknown(value, by_variable);
        continue;  // Another service's: they share one environment.
      }
      if (absl::Status status = Apply(settings[it->second], value); !status.ok()) return status;
    }
    return absl::OkStatus();
  }
  std::string Help() const {
    std::string text = absl::StrCat("zvon-", program, ": ", description,
                                    "\n\nSettings (defaults < --config FILE < environment < flags):\n");
    for (const Setting& setting : settings) {
      absl::StrAppend(&text, "  --", setting.key, "=", setting.expected, "\n      ", setting.help,
                      "\n      default ", setting.secret ? "none" : setting.show(), "; environment ",
                      VariableName(setting.key), "\n");
    }
    return text;
  }
};

SettingsReader::SettingsReader(std::string program, std::string description)
    : impl_(std::make_unique<Impl>()) {
  impl_->program = std::move(program);
  impl_->description = std::move(description);
}

SettingsReader::~SettingsReader() = default;

void SettingsReader::Bind(std::string key, std::string* value, std::string help) {
  impl_->Add({std::move(key), std::move(help), "TEXT", false,
              [value](const std::string& text) {
                *value = text;
                return absl::OkStatus();
              },
              [value] { return *value; }});
}

void SettingsReader::Bind(std::string key, bool* value, std::string help) {
  impl_->Add({std::move(key), std::move(help), "BOOL", false,
              [value](const std::string& text) { return internal::ParseBool(text, value); },
              [value] { return *value ? "true" : "false"; }});
}

void SettingsReader::Bind(std::string key, int64_t* value, std::string help, int64_t min,
                          int64_t max) {
  impl_->Add({std::move(key), std::move(help), absl::StrCat(min, "..", max), false,
              [=](const std::string& text) { return internal::ParseInt(text, min, max, value); },
              [value] { return absl::StrCat(*value); }});
}

void SettingsReader::Bind(std::string key, double* value, std::string help, double min, double max) {
  impl_->Add({std::move(key), std::move(help), absl::StrCat(min, "..", max), false,
              [=](const std::string& text) { return internal::ParseDouble(text, min, max, value); },
              [value] { return absl::StrCat(*value); }});
}

void SettingsReader::Bind(std::string key, absl::Duration* value, std::string help) {
  impl_->Add({std::move(key), std::move(help), "DURATION", false,
              [value](const std::string& text) { return internal::ParseDurationValue(text, value); },
              [value] { return absl::FormatDuration(*value); }});
}

void SettingsReader::Bind(std::string key, std::vector<std::string>* value, std::string help) {
  impl_->Add({std::move(key), std::move(help), "A,B,…", false,
              [value](const std::string& text) {
                *value = internal::SplitList(text);
                return absl::OkStatus();
              },
              [value] { return absl::StrJoin(*value, ","); }});
}

void SettingsReader::BindSecret(std::string key, std::string* value, std::string help) {
  auto show = [value] { return value->empty() ? "" : "***"; };
  auto set = [value](const std::string& text) {
    *value = text;
    return absl::OkStatus();
  };
  auto set_from_file = [value](const std::string& file) -> absl::Status {
    absl::StatusOr<std::string> text = internal::ReadTextFile(file);
    if (!text.ok()) return text.status();
    *value = std::string(absl::StripTrailingAsciiWhitespace(*text));
    return absl::OkStatus();
  };
  std::string file_help = absl::StrCat("File that holds ", key);
  impl_->Add({key, std::move(help), "SECRET", true, set, show});
  impl_->Add({absl::StrCat(key, "_file"), file_help, "FILE", false, set_from_file,
              [] { return std::string(); }});
}

absl::Status SettingsReader::Read(int argc, char** argv) {
  std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  std::vector<std::string> env;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    env.emplace_back(*entry);
  }
  absl::StatusOr<internal::Flags> flags = internal::ReadFlags(args);
  if (flags.ok() && flags->help) {
    std::fputs(impl_->Help().c_str(), stdout);
    std::fflush(stdout);
    std::exit(0);
  }
  return Read(args, env);
}

absl::Status SettingsReader::Read(const std::vector<std::string>& args,
                                  const std::vector<std::string>& env) {
  absl::StatusOr<internal::Flags> flags = internal::ReadFlags(args);
  if (!flags.ok()) return flags.status();
  std::vector<SourcedValue> variables = internal::ReadEnvironment(env);
  for (const SourcedValue& variable : variables) {
    if (variable.key == "ZVON_CONFIG" && flags->config_file.empty()) {
      flags->config_file = variable.value;
    }
  }
  if (!flags->config_file.empty()) {
    absl::StatusOr<std::vector<SourcedValue>> file = internal::ReadYaml(flags->config_file);
    if (!file.ok()) return file.status();
    if (absl::Status status = impl_->ApplyAll(*file); !status.ok()) return status;
  }
  if (absl::Status status = impl_->ApplyEnvironment(variables); !status.ok()) return status;
  return impl_->ApplyAll(flags->values);
}

std::string SettingsReader::Describe() const {
  std::string text;
  for (const Impl::Setting& setting : impl_->settings) {
    absl::StrAppend(&text, setting.key, "=", setting.show(), " (from ", setting.place, ")\n");
  }
  return text;
}

}  // namespace zvon
