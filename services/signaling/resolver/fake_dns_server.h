#pragma once
// A DNS server of a few records for tests: UDP on loopback, own thread.

#include <string>
#include <string_view>

namespace zvon::sip {

class FakeDnsServer {
 public:
  FakeDnsServer();
  ~FakeDnsServer();
  // "127.0.0.1:40053"
  std::string address() const;
  void AddA(const std::string& name, const std::string& address, unsigned ttl_s);
  void AddSrv(const std::string& name, int priority, int weight, int port, const std::string& host,
              unsigned ttl_s);
  void AddNaptr(const std::string& name, int order, const std::string& service,
                const std::string& replacement, unsigned ttl_s);
  void SetSilent(bool silent);
  int asked() const;

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace zvon::sip
