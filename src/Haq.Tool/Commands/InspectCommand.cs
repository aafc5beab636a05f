using System.CommandLine;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq inspect MODEL</c></summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("MODEL") { Description = "An ONNX file, opset 7 or later." };
        var shape = ShapeOption.Create();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var inspect = new Command(
            "inspect",
            "What is in a model: inputs, outputs, the layers that can be quantized with their shapes, multiply-accumulates (MACs) and weights, and why other nodes cannot. "
            + "Layers with the same letter read one tensor, so they share their activation bits.\n\n"
            + "Examples:\n  haq inspect mobilenet.onnx\n  haq inspect detector.onnx --shape image=1,3,320,320 --json")
        {
            path, shape, json,
        };
        inspect.SetAction(parsed =>
        {
            var model = OnnxModel.Load(parsed.GetRequiredValue(path));
            var survey = ModelSurvey.Of(model, ShapeOption.Parse(parsed.GetValue(shape)!));
            if (parsed.GetValue(json)) InspectionJson.Write(model, survey);
            else InspectionTable.Print(model, survey);
        });
        return inspect;
    }
}
