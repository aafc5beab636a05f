using Haq.Build.Protocol;
using Haq.Tool;
using Haq.Tool.BuildHost;
using Haq.Tool.Output;

// The MSBuild task starts the tool this way; no command line is parsed, so nothing of it is paid for in a build.
if (args is [BuildRequest.Verb, .. var request]) return BuildSession.Start(request, PipelineBuild.Run);

using var output = RedirectedOutput.InUtf8();
return await CommandRunner.RunAsync(CommandList.Root(), args);
