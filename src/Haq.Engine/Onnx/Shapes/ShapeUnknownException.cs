namespace Haq.Engine.Onnx.Shapes;

/// <summary>Ends a shape rule that lacks something; its message becomes the reason in the table. Never leaves this room.</summary>
internal sealed class ShapeUnknownException(string reason) : Exception(reason);
