using System.CommandLine;
using System.Text;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Sidecars;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq export [haq.yaml] --sidecar KIND [--output FILE]</c></summary>
internal static class ExportCommand
{
    private static readonly Dictionary<string, (string Ending, Func<SidecarFacts, string> Write)> s_kinds = new(StringComparer.Ordinal)
    {
        ["tidl"] = (".tidl.prototxt", TidlSidecar.Write),
        ["aimet"] = (".aimet.encodings", AimetSidecar.Write),
        ["hailo"] = (".hailo.alls", HailoSidecar.Write),
        ["csv"] = (".policy.csv", CsvSidecar.Write),
    };

    public static Command Create()
    {
        var manifest = ManifestArgument.Create();
        var sidecar = new Option<string>("--sidecar") { Description = "For which toolchain: TIDL's quantization proto, AIMET's encodings 2.0.0, a Hailo model script, or a plain table.", HelpName = string.Join('|', s_kinds.Keys), Required = true };
        sidecar.AcceptOnlyFromAmong([.. s_kinds.Keys]);
        var output = new Option<string?>("--output") { Description = "Where to. Default: beside the quantized model. '-' is standard output.", HelpName = "FILE" };
        var command = new Command("export", "Write what the lock file decided for a toolchain that takes a float model and a file beside it. Example: haq export --sidecar aimet") { manifest, sidecar, output };
        command.SetAction((parsed, cancellation) =>
        {
            string file = ManifestArgument.Resolve(parsed.GetValue(manifest));
            using var cache = RemoteCacheOption.Open(parsed);
            using var progress = new ConsoleProgress();
            using var workspace = Workspace.Open(new PipelineOptions(file, cache.Stages), progress, cancellation);
            var (ending, write) = s_kinds[parsed.GetRequiredValue(sidecar)];
            string text = write(SidecarFacts.Read(workspace));
            string path = parsed.GetValue(output) ?? Path.ChangeExtension(workspace.Manifest.Output, null) + ending;
            if (path == "-")
            {
                Console.Out.Write(text);
                return Task.FromResult(0);
            }
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
            Console.WriteLine($"wrote {path}");
            return Task.FromResult(0);
        });
        return command;
    }
}
