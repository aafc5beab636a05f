using System.CommandLine;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Converting;
using Haq.Engine.Pipeline.Stages.Exporting;
using Haq.Engine.Yaml;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq convert MODEL --target NAME [--output FILE] [--data FILE] [--json]</c></summary>
internal static class ConvertCommand
{
    private const int MostNamed = 3;

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A quantized ONNX model in QDQ form, of this or another tool." };
        var target = new Option<string>("--target")
        {
            Description = "The toolchain to write it for: a built-in target, or the path of a target file.", HelpName = string.Join('|', DialectCatalog.BuiltInNames), Required = true,
        };
        var output = new Option<string?>("--output") { Description = "Where to. Default: MODEL.TARGET.onnx beside the model.", HelpName = "FILE" };
        var data = new Option<string?>("--data")
        {
            Description = "Samples to choose new ranges by and to measure the difference on: a data file, or a manifest whose data sets are meant. Default: random inputs.", HelpName = "FILE|haq.yaml",
        };
        var samples = new Option<int>("--samples") { Description = "How many of them at most.", HelpName = "N", DefaultValueFactory = _ => 64 };
        var seed = new Option<ulong>("--seed") { Description = "Decides about random inputs, and which samples are taken.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var shape = ShapeOption.Create();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("convert",
            "Rewrite a quantized model in another toolchain's dialect. Grids that the target takes stay as they are, to the bit; others move to the nearest that it takes, and tensors that need one get one. "
            + "Prints what changed tensor by tensor, and how far the outputs are from the model's as it was, in ONNX Runtime. Examples: haq convert model.qdq.onnx --target tensorrt; "
            + "haq convert model.qdq.onnx --target qnn --data calibration.npz --output model.qnn.onnx")
        {
            model, target, output, data, samples, seed, shape, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(samples) is { Implicit: false } && result.GetValue(samples) < 1) result.AddError("--samples needs a number from 1");
            if (result.GetValue(output) is { } to && result.GetValue(model) is { } from && Path.GetFullPath(to) == Path.GetFullPath(from))
                result.AddError("--output is the model itself: give the result another name");
        });
        command.SetAction((parsed, cancellation) =>
        {
            string path = parsed.GetRequiredValue(model);
            var profile = DialectCatalog.Load(parsed.GetRequiredValue(target), ".");
            var source = OnnxModel.Load(path);
            var options = WithData(new ConversionOptions(profile)
            {
                Shapes = ShapeOption.Parse(parsed.GetValue(shape)!), Samples = parsed.GetValue(samples), Seed = parsed.GetValue(seed),
            }, parsed.GetValue(data));
            ConversionResult result;
            using (var progress = new ConsoleProgress()) result = Conversion.Run(source, options, progress, cancellation);
            string to = parsed.GetValue(output) ?? Path.ChangeExtension(path, null) + $".{profile.Name}.onnx";
            result.Exported.Save(to);
            if (parsed.GetValue(json)) JsonOutput.Write(writer => ConversionJson.Write(writer, result, to));
            else ConversionText.Print(result, path, to);
            Warn(result, to);
            return Task.FromResult(0);
        });
        return command;
    }

    private static ConversionOptions WithData(ConversionOptions options, string? data)
    {
        if (data is null) return options;
        bool isManifest = data.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || data.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);
        if (!isManifest) return options with { Data = new DatasetOptions([new DataFile(null, new FileReference(data, Path.GetFullPath(data), new SourceLocation(data)))]) };
        var manifest = ManifestReader.Read(data);
        var sets = manifest.Data;
        return options with
        {
            Data = sets.Calibration ?? sets.Training ?? sets.Evaluation ?? sets.Search
                ?? throw DiagnosticCatalog.DataMissing.Error(new SourceLocation(data), "names no data. Name some under 'data:', or give --data a data file."),
            Inputs = manifest.Inputs,
        };
    }

    private static void Warn(ConversionResult result, string to)
    {
        if (!result.GuessedRanges.IsEmpty)
        {
            string named = string.Join(", ", result.GuessedRanges.Take(MostNamed).Select(t => $"'{t}'")), more = result.GuessedRanges.Length > MostNamed ? " …" : "";
            Console.Error.WriteLine(DiagnosticCatalog.RangesGuessed.At(new SourceLocation(to),
                $"{result.GuessedRanges.Length} tensors had no grid and got one by what random inputs made of them: {named}{more}. Give samples with --data, so that their ranges are those of real inputs."));
        }
        if (TargetVerdict.Of(result.Conformance, to) is { } left) Console.Error.WriteLine(left);
    }
}
