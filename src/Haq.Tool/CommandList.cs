using System.CommandLine;
using Haq.Tool.Commands;
using Haq.Tool.Options;

namespace Haq.Tool;

/// <summary>Every verb, in the order that --help shows; a new one is a class under Commands and its line here.</summary>
internal static class CommandList
{
    /// <summary>The command <c>haq</c> with all of them below it.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand(
            "Makes neural networks smaller and faster for the hardware they will run on: chooses the bits of every layer of an ONNX model within a budget.");
        foreach (var command in All())
        {
            ExamplesOption.AddTo(command);
            RemoteCacheOption.AddTo(command);
            ClusterOption.AddTo(command);
            root.Subcommands.Add(command);
        }
        return root;
    }

    private static IEnumerable<Command> All() =>
    [
        InspectCommand.Create(),
        InitCommand.Create(),
        QuantizeCommand.Create(),
        SearchCommand.Create(),
        CompareCommand.Create(),
        EvaluateCommand.Create(),
        FinetuneCommand.Create(),
        CheckCommand.Create(),
        HardwareCommand.Create(),
        TargetCommand.Create(),
        ConvertCommand.Create(),
        ExportCommand.Create(),
        SimulateCommand.Create(),
        MeasureCommand.Create(),
        WorkerCommand.Create(),
        ListCommand.Create(),
        ReportCommand.Create(),
        DiffCommand.Create(),
        CacheCommand.Create(),
        SchemaCommand.Create(),
        ExplainCommand.Create(),
    ];
}
