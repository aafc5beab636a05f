using System.CommandLine;
using Haq.Tool.Commands;

namespace Haq.Tool;

/// <summary>Every verb, in the order that --help shows; a new one is a class under Commands and its line here.</summary>
internal static class CommandList
{
    public static IEnumerable<Command> All() =>
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
        SimulateCommand.Create(),
        ListCommand.Create(),
        ReportCommand.Create(),
        DiffCommand.Create(),
        CacheCommand.Create(),
        SchemaCommand.Create(),
    ];
}
