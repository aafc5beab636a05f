using System.CommandLine;
using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Evaluation.Timing;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Runtime;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq simulate MODEL --hardware H [--bits …| --policy FILE | --all-bits] [--batch N] [--format table|csv|json]</c></summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "An ONNX model." };
        var hardware = new Option<string>("--hardware")
        {
            Description = "A built-in target ('haq hardware list') or the path of a hardware file.", HelpName = "NAME|FILE", Required = true,
        };
        var bits = BitsOption.Create("Uniform policies to price, for example --bits 4,6,w4a8: every layer at those bits, first and last included. Default: 8.");
        var policy = new Option<string?>("--policy") { Description = "A policy file to price.", HelpName = "FILE" };
        var allBits = new Option<bool>("--all-bits") { Description = "Price every layer at every pair of widths in 1..8, and at the wider ones that the target has." };
        var batch = new Option<int?>("--batch") { Description = "Images at a time. Default: the target's own.", HelpName = "N" };
        var format = new Option<string>("--format") { Description = "table, csv or json.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "csv", "json");
        var json = new Option<bool>("--json") { Description = "The same as --format json." };
        var shape = ShapeOption.Create();
        var command = new Command(
            "simulate",
            """
            Price a model on a piece of hardware: cycles, latency, energy and memory traffic of every layer, where it stands under the roofline, and what holds it up.

            Examples:
              haq simulate mobilenet.onnx --hardware bismo-edge --bits 8,6,4
              haq simulate mobilenet.onnx --hardware bitfusion --policy mobilenet.haq.policy.json
              haq simulate mobilenet.onnx --hardware ./my-board.yaml --all-bits --format csv > costs.csv
            """)
        { model, hardware, bits, policy, allBits, batch, format, json, shape };
        command.Validators.Add(result =>
        {
            int ways = (result.GetValue(bits) is { Length: > 0 } ? 1 : 0) + (result.GetValue(policy) is null ? 0 : 1) + (result.GetValue(allBits) ? 1 : 0);
            if (ways > 1) result.AddError("--bits, --policy and --all-bits exclude each other.");
            if (result.GetValue(batch) is < 1) result.AddError("--batch takes a number of images, at least 1.");
        });
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), cancellation));
        return command;

        void Run(ParseResult parsed, CancellationToken cancellation)
        {
            var loaded = OnnxModel.Load(parsed.GetRequiredValue(model));
            var target = HardwareCatalog.Load(parsed.GetRequiredValue(hardware), ".");
            var prepared = ModelSurvey.Of(loaded, ShapeOption.Parse(parsed.GetValue(shape)!));
            var survey = prepared.Layers.RequireLayers();
            target = MeasuredHardware.Ready(target, prepared.View, survey, prepared.Shapes, Console.Error.WriteLine, cancellation: cancellation);
            var borders = target.Host is null ? null
                : HostIslands.Of(prepared.View, prepared.Shapes, survey.Layers, target.Dialect is { } dialect ? DialectCatalog.Load(dialect, ".") : null);
            var simulation = new Simulation(target, survey.Quantizable, StoredParameters.FixedBits(prepared.View, survey), parsed.GetValue(batch), borders);
            string form = parsed.GetValue(json) ? "json" : parsed.GetValue(format)!;
            if (parsed.GetValue(allBits))
            {
                PrintAll(simulation, loaded.Name, form);
                return;
            }
            var runs = parsed.GetValue(policy) is { } file
                ? [simulation.Run(Path.GetFileName(file), Read(file, loaded, survey.Quantizable))]
                : Uniform(simulation, BitsOption.Parse(parsed.GetValue(bits)!));
            Print(simulation, loaded.Name, form, runs);
        }
    }

    private static SimulatedPolicy[] Uniform(Simulation simulation, LayerBits[] bits)
    {
        if (bits.Length == 0) bits = [LayerBits.Uniform(Bitwidth.Eight)];
        return [.. bits.Select(b => simulation.Run(b.ToString(), Policy.Uniform(simulation.Layers.Count, b)))];
    }

    private static Policy Read(string file, OnnxModel model, IReadOnlyList<QuantizableLayer> layers)
    {
        var read = PolicyFile.Load(file);
        var policy = read.For(layers, file);
        string digest = model.Digest();
        if (!string.Equals(read.ModelDigest, digest, StringComparison.OrdinalIgnoreCase))
        {
            Console.Error.WriteLine(DiagnosticCatalog.PolicyOfOtherModel.At(
                new SourceLocation(file), $"the policy was made for a model with SHA-256 {read.ModelDigest}; {model.Name} has {digest}. Its bits are used as they are."));
        }
        return policy;
    }

    private static void Print(Simulation simulation, string model, string form, SimulatedPolicy[] runs)
    {
        foreach (var run in runs)
            if (simulation.Target.RoundingNote(run.Policy) is { } note) Console.Error.WriteLine(DiagnosticCatalog.BitsRounded.At(null, note));
        int batch = simulation.Costs.Batch;
        switch (form)
        {
            case "json":
                JsonOutput.Write(writer => SimulationJson.Write(writer, model, simulation, runs));
                break;
            case "csv":
                WriteCsv(runs.SelectMany(run => run.Layers));
                break;
            default:
                Console.WriteLine($"{model} on {simulation.Target.Name} ({simulation.Target.Provenance}), batch {batch}");
                if (runs.Length == 1) SimulationTable.PrintLayers(runs[0], batch);
                SimulationTable.PrintTotals(runs, batch);
                break;
        }
    }

    private static void PrintAll(Simulation simulation, string model, string form)
    {
        var pairs = simulation.Costs.WeightWidths.SelectMany(w => simulation.Costs.ActivationWidths.Select(a => new LayerBits(w, a)))
            .Where(b => simulation.Holds(b) && simulation.Target.Bits.RoundUp(b) is not null).ToArray();
        if (form == "csv")
            WriteCsv(simulation.Layers.SelectMany(l => pairs.Select(pair => simulation.LayerAt(l.Index, pair))));
        else
            Print(simulation, model, form, Uniform(simulation, pairs));
    }

    private static void WriteCsv(IEnumerable<SimulatedLayer> rows)
    {
        var csv = new SimulationCsv(Console.Out);
        csv.WriteHeader();
        foreach (var row in rows) csv.Write(row);
    }
}
