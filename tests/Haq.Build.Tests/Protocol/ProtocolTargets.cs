using System.Text;
using Haq.Build.Protocol;
using Haq.Build.Tasks;
using Haq.Engine.Files;
using Haq.Engine.Tests.Fuzz;

namespace Haq.Build.Tests.Protocol;

/// <summary>What task and engine say to each other, as readers of damaged bytes: the request, the state, and the engine's lines.</summary>
internal static class ProtocolTargets
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("request", [Encoding.UTF8.GetBytes(Request().Write())], bytes => ReadRequest(Lines(bytes))),
        new("state", [Encoding.UTF8.GetBytes(State().Write())], bytes => ReadState(Lines(bytes))),
        new("lines", [.. Lines().Select(Encoding.UTF8.GetBytes)], bytes => ReadLine(Encoding.UTF8.GetString(bytes))),
    ];

    private static BuildRequest Request() => new()
    {
        ProjectDirectory = "/src/app", ObjectDirectory = "/src/app/obj/haq", ToolKey = "00ff;locked=false;strategy=", ParentProcess = 4711, CancelFile = "/src/app/obj/haq/cancel.4711.00",
        CacheDirectory = "/cache", Locked = true, Strategy = "knapsack", Manifests = { "/src/app/haq.yaml", "/src/app/b/haq.yaml" },
    };

    private static BuildState State()
    {
        var state = new BuildState { ToolKey = "00ff;locked=false;strategy=", Warnings = { "haq.yaml(3,4): warning HAQ1001: 100 % of\tit" } };
        state.Inputs["/src/app/haq.yaml"] = new FileRecord(new FileStamp(120, -5), true, "00aa");
        state.Inputs["/src/app/images"] = new FileRecord(new FileStamp(-1, 0), false, "");
        state.Outputs.Add(new BuildOutput(BuildOutput.Model, "m.haq.onnx", "/src/app/obj/haq/out/m.haq.onnx", "/src/app/haq.yaml", new FileRecord(new FileStamp(9, 9), false, "00bb")));
        return state;
    }

    private static string[] Lines() => ["/a (b)/haq.yaml(12,5): error HAQ0004: 'bits' is 9.", "haq: warning HAQ1001: few samples.", BuildRequest.NoticeMark + "3 s left", "Unhandled exception."];

    private static string[] Lines(byte[] bytes) => Encoding.UTF8.GetString(bytes).Split('\n');

    // What is accepted survives being said again.
    private static void ReadRequest(string[] lines)
    {
        try
        {
            string said = BuildRequest.Parse(lines).Write();
            Same(said, BuildRequest.Parse(said.Split('\n')).Write());
        }
        catch (FormatException e)
        {
            throw new InvalidDataException(e.Message);
        }
    }

    private static void ReadState(string[] lines)
    {
        var state = BuildState.Parse(lines.Length > 1 && lines[^1].Length == 0 ? lines[..^1] : lines) ?? throw new InvalidDataException("no state");
        string said = state.Write();
        Same(said, BuildState.Parse(said.Split('\n')[..^1])?.Write());
        if (state.WhyStale(state.ToolKey + "other", [], DateTime.UnixEpoch) is null) throw new InvalidOperationException("another engine's state was taken for its own");
        // Paths are looked at, of files only: a folder may be any.
        foreach (string path in state.Inputs.Keys.Where(p => !Directory.Exists(p))) _ = FileStamp.Of(path);
    }

    private static void ReadLine(string line)
    {
        if (DiagnosticLine.Parse(line) is not { } read) throw new InvalidDataException("no diagnostic");
        if (read.Line < 0 || read.Column < 0 || read.Code.Length != 7) throw new InvalidOperationException($"'{line}' was read as {read.Code} at {read.Line}, {read.Column}");
    }

    private static void Same(string first, string? again)
    {
        if (first != again) throw new InvalidOperationException($"'{first}' was read back as '{again}'");
    }
}
