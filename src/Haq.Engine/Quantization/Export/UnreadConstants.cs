using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>Removes constants that nothing reads any more.</summary>
internal static class UnreadConstants
{
    /// <summary>Removes initializers, with the inputs of the same name, and Constant nodes.</summary>
    public static void Remove(OnnxModel model)
    {
        var view = new GraphView(model);
        bool Unread(string tensor) => view.ConsumersOf(tensor).Count == 0 && !view.IsOutput(tensor);
        var patch = new GraphPatch(model, "remove unread constants");
        foreach (var tensor in model.Graph.Initializer.Where(t => Unread(t.Name))) patch.RemoveInitializer(tensor.Name);
        foreach (var node in view.Order.Where(n => n.Is(OpNames.Constant) && n.Output.All(Unread))) patch.Remove(node);
        patch.Apply();
    }
}
