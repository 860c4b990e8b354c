#pragma once
// Opens an acceptor. Includes Asio: for the .cc files that do so anyway.

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/common/http/listen_address.h"

namespace zvon {

// `listen` is "address:port", port 0 a free one. INVALID_ARGUMENT for a text
// of another form, UNAVAILABLE where the port cannot be had.
inline absl::Status ListenOn(boost::asio::ip::tcp::acceptor& acceptor, const std::string& listen) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress(listen);
  if (!address.ok()) return address.status();
  boost::system::error_code error;
  auto ip = boost::asio::ip::make_address(address->host, error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("\"", address->host, "\" is no IP address"));
  }
  boost::asio::ip::tcp::endpoint endpoint(ip, address->port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(boost::asio::ip::tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot listen on ", listen, ": ", error.message()));
}

}  // namespace zvon
