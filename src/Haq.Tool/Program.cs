using System.CommandLine;
using Haq.Tool;

var root = new RootCommand(
    "Makes neural networks smaller and faster for the hardware they will run on: chooses the bits of every layer of an ONNX model within a budget.");
foreach (var command in CommandList.All()) root.Subcommands.Add(command);
return await CommandRunner.RunAsync(root, args);
