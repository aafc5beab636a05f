using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Visits every tensor of a model in file order, also in attributes, bodies, functions and training information.</summary>
internal static class TensorWalk
{
    public static IEnumerable<TensorProto> Of(ModelProto model)
    {
        if (model.Graph is not null) foreach (var tensor in Of(model.Graph)) yield return tensor;
        foreach (var function in model.Functions)
        {
            foreach (var tensor in Of(function.Node)) yield return tensor;
            foreach (var attribute in function.AttributeProto) foreach (var tensor in Of(attribute)) yield return tensor;
        }
        foreach (var training in model.TrainingInfo)
        {
            if (training.Initialization is not null) foreach (var tensor in Of(training.Initialization)) yield return tensor;
            if (training.Algorithm is not null) foreach (var tensor in Of(training.Algorithm)) yield return tensor;
        }
    }

    public static IEnumerable<TensorProto> Of(GraphProto graph)
    {
        foreach (var tensor in graph.Initializer) yield return tensor;
        foreach (var sparse in graph.SparseInitializer) foreach (var tensor in Of(sparse)) yield return tensor;
        foreach (var tensor in Of(graph.Node)) yield return tensor;
    }

    private static IEnumerable<TensorProto> Of(IEnumerable<NodeProto> nodes)
    {
        foreach (var node in nodes) foreach (var attribute in node.Attribute) foreach (var tensor in Of(attribute)) yield return tensor;
    }

    private static IEnumerable<TensorProto> Of(AttributeProto attribute)
    {
        if (attribute.T is not null) yield return attribute.T;
        foreach (var tensor in attribute.Tensors) yield return tensor;
        if (attribute.SparseTensor is not null) foreach (var tensor in Of(attribute.SparseTensor)) yield return tensor;
        foreach (var sparse in attribute.SparseTensors) foreach (var tensor in Of(sparse)) yield return tensor;
        if (attribute.G is not null) foreach (var tensor in Of(attribute.G)) yield return tensor;
        foreach (var graph in attribute.Graphs) foreach (var tensor in Of(graph)) yield return tensor;
    }

    private static IEnumerable<TensorProto> Of(SparseTensorProto sparse)
    {
        if (sparse.Values is not null) yield return sparse.Values;
        if (sparse.Indices is not null) yield return sparse.Indices;
    }
}
