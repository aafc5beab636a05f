using System.CommandLine;
using Haq.Build.Protocol;
using Haq.Tool;
using Haq.Tool.BuildHost;

// The MSBuild task starts the tool this way; no command line is parsed, so nothing of it is paid for in a build.
if (args is [BuildRequest.Verb, .. var request]) return BuildSession.Start(request, PipelineBuild.Run);

var root = new RootCommand(
    "Makes neural networks smaller and faster for the hardware they will run on: chooses the bits of every layer of an ONNX model within a budget.");
foreach (var command in CommandList.All()) root.Subcommands.Add(command);
return await CommandRunner.RunAsync(root, args);
