#include "services/gateway/links/backends.h"

namespace zvon::gateway {

Backends::Backends(TaskRunner& runner_in, const BackendAddresses& addresses, const TlsSettings& tls)
    : runner(runner_in),
      directory_channel_(MakeChannel(addresses.directory, tls)),
      recording_channel_(MakeChannel(addresses.recording, tls)),
      reporting_channel_(MakeChannel(addresses.reporting, tls)) {
  directory = directoryservice::v1::DirectoryService::NewStub(directory_channel_);
  recording = recordingservice::v1::RecordingService::NewStub(recording_channel_);
  reporting = reportingservice::v1::ReportingService::NewStub(reporting_channel_);
  for (const std::string& address : addresses.signaling) {
    signaling.push_back(signalingservice::v1::SignalingService::NewStub(MakeChannel(address, tls)));
  }
}

bool Backends::Reachable(grpc::Channel& channel) {
  grpc_connectivity_state state = channel.GetState(true);
  return state != GRPC_CHANNEL_TRANSIENT_FAILURE && state != GRPC_CHANNEL_SHUTDOWN;
}

}  // namespace zvon::gateway
