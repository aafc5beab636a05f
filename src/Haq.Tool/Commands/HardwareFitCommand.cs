using System.CommandLine;
using System.Text;
using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Fitted;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Runtime;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq hardware fit FILE [--kind systolic] [--model MODEL] [--output FILE]</c></summary>
internal static class HardwareFitCommand
{
    private const string Systolic = "systolic", Roofline = "roofline", End = ".fitted.yaml";

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The times of a bundle (times.csv, with measure.json beside it), or a measured table (layer,weight_bits,activation_bits,latency_ns)." };
        var kind = new Option<string>("--kind")
        {
            Description = "systolic: an array that is filled up in whole rows and columns; roofline: multiply-accumulates and bytes alone.", DefaultValueFactory = _ => Systolic,
        };
        kind.AcceptOnlyFromAmong(Systolic, Roofline);
        var model = new Option<string?>("--model") { Description = "For a table whose layers go by name: the model that has them.", HelpName = "MODEL" };
        var batch = new Option<int>("--batch") { Description = "For a table: images at a time.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var shape = ShapeOption.Create();
        var output = new Option<string?>("--output") { Description = "The hardware file to write. Default: NAME.fitted.yaml beside the times.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "fit",
            "Fit the few parameters of a hardware file (array, clock, bytes a second, overhead of a layer, changes of width) to measured layers by least squares, so that layers, widths and networks that were not "
            + "measured have a price with a stated error. Refused where that explains them no better than a constant. Examples: haq hardware fit bundle/times.csv --kind systolic; "
            + "haq hardware fit board.csv --model net.onnx --output board.yaml")
        {
            file, kind, model, batch, shape, output, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(batch) is { Implicit: false } && result.GetValue(batch) < 1) result.AddError("--batch takes a number of images, at least 1.");
        });
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            var input = FitInput.IsTable(path)
                ? FitInput.Of(path, Layers(parsed.GetValue(model), parsed.GetValue(shape)!), parsed.GetValue(batch))
                : FitInput.Of(ProbeBundle.Read(Path.GetDirectoryName(Path.GetFullPath(path))!), TimesFile.Read(path), path);
            var fit = FittedTarget.Fit(input.Rows, input.Converts, input.Batch, input.RunSeconds, path, fillsArray: parsed.GetValue(kind) == Systolic);
            string to = parsed.GetValue(output) ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, input.Name + End);
            string name = Path.GetFileName(to) is var last && last.EndsWith(End, StringComparison.Ordinal) ? last[..^End.Length] + "-fitted" : Path.GetFileNameWithoutExtension(to);
            AtomicFile.Write(to, Encoding.UTF8.GetBytes(FittedFile.Write(name, fit, input.Source)));
            var target = HardwareCatalog.Load(to, ".");
            if (parsed.GetValue(json)) FitText.WriteJson(fit, target, to);
            else FitText.Print(fit, target, to);
        });
        return command;
    }

    private static Dictionary<string, LayerShape> Layers(string? model, string[] shapes)
    {
        if (model is null) return [];
        var survey = ModelSurvey.Of(OnnxModel.Load(model), ShapeOption.Parse(shapes)).Layers.RequireLayers();
        return survey.Quantizable.ToDictionary(l => l.Name, l => l.Shape, StringComparer.Ordinal);
    }
}
