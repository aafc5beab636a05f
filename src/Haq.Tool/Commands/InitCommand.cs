using System.CommandLine;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Search;
using Haq.Tool.Projects;

namespace Haq.Tool.Commands;

/// <summary><c>haq init [MODEL]</c></summary>
internal static class InitCommand
{
    private const string ManifestName = "haq.yaml", SchemaName = "haq.schema.json";

    public static Command Create()
    {
        var modelArgument = new Argument<string>("MODEL") { Description = "The ONNX model; by default the only one in this folder.", DefaultValueFactory = _ => "" };
        var hardware = new Option<string>("--hardware") { Description = "What the model will run on: a built-in target, or a hardware file.",
            DefaultValueFactory = _ => "bismo-edge", HelpName = "NAME" };
        var noSchema = new Option<bool>("--no-schema") { Description = $"Do not write {SchemaName}, which editors complete from." };
        var addTo = new Option<string?>(
            "--add-to") { Description = "Also make this project build it: adds the package Haq.Build (and its version to Directory.Packages.props where versions are central).",
            HelpName = "PROJECT" };
        var forceOption = new Option<bool>("--force") { Description = $"Replace a {ManifestName} that is there." };
        var init = new Command("init",
            "Write a commented haq.yaml beside a model, fitted to it: its inputs, its layers, what looks like data in its folder, the usual preprocessing under which the model knows that data best, and a budget that the hardware can keep. Nothing else is changed, unless --add-to names a project.\n\n"
            + "Examples:\n  haq init mobilenet.onnx --hardware bismo-cloud\n  haq init Models/mobilenet.onnx --add-to App.csproj") { modelArgument, hardware, addTo, noSchema, forceOption };
        init.SetAction((parsed, cancellation) =>
        {
            string? project = parsed.GetValue(addTo) is { } given ? ProjectEdit.ResolveProject(given) : null;
            string model = ModelFile(parsed.GetValue(modelArgument)!), manifest = ManifestBeside(model);
            bool force = parsed.GetValue(forceOption);
            // A project can be made to build a manifest that was written before.
            if (project is null || force || !File.Exists(manifest)) Write(model, manifest, parsed.GetValue(hardware)!, withSchema: !parsed.GetValue(noSchema), force, cancellation);
            if (project is null) Console.WriteLine("  next: haq quantize " + Relative(manifest));
            else AddTo(project, manifest);
            return Task.CompletedTask;
        });
        return init;
    }

    private static string ManifestBeside(string modelFile) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(modelFile))!, ManifestName);

    private static void Write(string modelFile, string manifest, string hardware, bool withSchema, bool force, CancellationToken cancellation)
    {
        string folder = Path.GetDirectoryName(manifest)!;
        if (File.Exists(manifest) && !force)
            throw DiagnosticCatalog.ManifestExists.Error(manifest, $"there is a {ManifestName} already: edit it, or replace it with --force.");
        var target = HardwareCatalog.Load(hardware, folder);
        var facts = TemplateFacts.Of(modelFile, folder, hardware, cancellation) with { WideBits = WideBits(target) };
        var (priced, budget) = WithinReach(facts, manifest, cancellation);
        facts = priced;
        AtomicFile.Write(manifest, Encoding.UTF8.GetBytes(ManifestTemplate.Write(facts, withSchema ? SchemaName : null)));
        if (withSchema) AtomicFile.Write(Path.Combine(folder, SchemaName), Encoding.UTF8.GetBytes(ManifestSchema.ToJson(Strategies.Names)));

        Console.WriteLine($"{Relative(manifest)}: {facts.Layers.Length} layers of {Path.GetFileName(modelFile)} for {hardware}, {(facts.IsMeasured ? "as fast as 1 % of accuracy allows" : facts.WideBits is not null ? "16 bits where a cosine of 0.995 needs them" : $"latency {facts.Latency} of 8 bit{budget}")}");
        Console.WriteLine(facts.Data.Evaluation is { } found
            ? $"  data: {found}{(facts.Data.EvaluationLabels is { } labels ? $", labels {labels}" : "")} (by their names)"
            : "  data: none found beside the model; name yours under 'data:' (npy, npz, IDX, CIFAR-10, CSV, raw, or a folder or zip of images)");
        if (facts.Input is not { } input) return;
        Console.WriteLine($"  preprocessing: {input.Why}");
        if (input.Problem is { } problem) Console.WriteLine($"  before it builds: {problem}");
    }

    /// <summary>The least of a few factors that some policy meets: a budget below the floor would only fail the first build.</summary>
    private static (TemplateFacts Facts, string Said) WithinReach(TemplateFacts facts, string manifest, CancellationToken cancellation)
    {
        if (facts.IsMeasured || facts.WideBits is not null) return (facts, "");
        foreach (string factor in new[] { "0.6x", "0.7x", "0.8x", "0.9x", "1x" })
        {
            var trial = facts with { Latency = factor };
            string probe = Path.Combine(Path.GetDirectoryName(manifest)!, $".{ManifestName}.{Environment.ProcessId}");
            AtomicFile.Write(probe, Encoding.UTF8.GetBytes(ManifestTemplate.Write(trial, null)));
            try
            {
                using var workspace = Workspace.Open(new PipelineOptions(probe, new StageCache(StageCache.DefaultRoot)), null, cancellation);
                _ = workspace.Pricing;
                return (trial, factor == "0.6x" ? "" : ", the least of 0.6x, 0.7x … that this hardware can keep");
            }
            catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.BudgetInfeasible)
            {
                continue;
            }
            catch (HaqException e)
            {
                return (facts, $", not priced ({e.Diagnostic.Message.TrimEnd('.')})");
            }
            finally
            {
                File.Delete(probe);
            }
        }
        return (facts with { Latency = "1x" }, "");
    }

    private static string? WideBits(HardwareTarget target)
    {
        if (!target.NeedsIntegers || !target.Bits.Activations.Contains(Bitwidth.Sixteen) || !target.Bits.Activations.Contains(Bitwidth.Eight)) return null;
        // With weights of one width the answer to which tensors need 16 bits is at its clearest; narrower weights are the next question.
        var weights = target.Bits.Weights.Where(w => w <= Bitwidth.Eight).ToList();
        return weights.Count == 0 ? null : $"{{weights: {WidthText.Of(weights[^1])}, activations: [8, 16]}}";
    }

    private static void AddTo(string project, string manifest)
    {
        var changes = ProjectEdit.Add(project, manifest, EngineIdentity.Version);
        foreach (string change in changes) Console.WriteLine("  " + change);
        if (changes.Count == 0) Console.WriteLine($"  {project} builds it already");
        Console.WriteLine("  next: dotnet build " + Relative(project));
    }

    private static string ModelFile(string given)
    {
        if (given.Length > 0) return given;
        string[] models = [.. Directory.EnumerateFiles(".", "*.onnx").Where(m => !m.EndsWith(".haq.onnx", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        if (models.Length == 1) return Path.GetFileName(models[0]);
        string found = models.Length == 0 ? "there is no .onnx file in this folder" : $"there are several .onnx files in this folder ({string.Join(", ", models.Select(Path.GetFileName))})";
        throw DiagnosticCatalog.ManifestUnreadable.Error("haq init", $"{found}: name the model, as in 'haq init mobilenet.onnx'.");
    }

    private static string Relative(string path) => Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
}
