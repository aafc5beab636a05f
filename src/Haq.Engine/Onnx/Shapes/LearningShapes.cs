namespace Haq.Engine.Onnx.Shapes;

/// <summary>Classical machine learning (ai.onnx.ml).</summary>
internal static class LearningShapes
{
    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules =>
    [
        ("ai.onnx.ml:Scaler", Real), ("ai.onnx.ml:Normalizer", Real), ("ai.onnx.ml:Imputer", Same), ("ai.onnx.ml:Binarizer", Same),
        ("ai.onnx.ml:LabelEncoder", LabelEncoder), ("ai.onnx.ml:ArrayFeatureExtractor", ArrayFeatureExtractor), ("ai.onnx.ml:CategoryMapper", CategoryMapper),
        ("ai.onnx.ml:LinearClassifier", Classifier), ("ai.onnx.ml:SVMClassifier", Classifier), ("ai.onnx.ml:TreeEnsembleClassifier", Classifier),
        ("ai.onnx.ml:LinearRegressor", Regressor), ("ai.onnx.ml:TreeEnsembleRegressor", Regressor), ("ai.onnx.ml:SVMRegressor", Regressor),
        ("ai.onnx.ml:FeatureVectorizer", FeatureVectorizer), ("ai.onnx.ml:OneHotEncoder", OneHotEncoder),
    ];

    private static void Same(ShapeContext c) => c.Out(0, c.TypeOf(0), c.Shape(0));

    private static void Real(ShapeContext c) => c.Out(0, DataType.Float, c.Shape(0));

    private static void LabelEncoder(ShapeContext c)
    {
        var node = c.Node;
        var type = node.Attribute("values_strings") is not null ? DataType.String
            : node.Attribute("values_floats") is not null ? DataType.Float
            : node.Attribute("values_int64s") is not null ? DataType.Int64
            : node.Attribute("values_tensor")?.T is { } values ? TensorData.TypeOf(values)
            : c.TypeOf(0) == DataType.String ? DataType.Int64 : DataType.String;
        c.Out(0, type, c.Shape(0));
    }

    private static void CategoryMapper(ShapeContext c) => c.Out(0, c.TypeOf(0) == DataType.String ? DataType.Int64 : DataType.String, c.Shape(0));

    private static void ArrayFeatureExtractor(ShapeContext c)
    {
        long[] x = c.Shape(0);
        c.Out(0, c.TypeOf(0), [.. x.Length == 1 ? [1] : x[..^1], c.In(1).Count]);
    }

    private static void Classifier(ShapeContext c)
    {
        int texts = c.Node.Attribute("classlabels_strings")?.Strings.Count ?? 0;
        int numbers = (c.Node.Attribute("classlabels_ints") ?? c.Node.Attribute("classlabels_int64s"))?.Ints.Count ?? 0;
        int classes = Math.Max(texts, numbers);
        if (classes == 0) throw c.Bad("it lists no classes");
        long rows = c.In(0).Rank == 1 ? 1 : c.Shape(0)[0];
        c.Out(0, texts > 0 ? DataType.String : DataType.Int64, [rows]);
        c.Out(1, DataType.Float, [rows, classes]);
    }

    private static void Regressor(ShapeContext c) =>
        c.Out(0, DataType.Float, [c.In(0).Rank == 1 ? 1 : c.Shape(0)[0], c.Int("n_targets", c.Int("targets", 1))]);

    private static void FeatureVectorizer(ShapeContext c) =>
        c.Out(0, DataType.Float, [c.In(0).Rank == 1 ? 1 : c.Shape(0)[0], (c.Node.Ints("inputdimensions") ?? throw c.Bad("it lists no dimensions")).Sum()]);

    private static void OneHotEncoder(ShapeContext c)
    {
        int categories = Math.Max(c.Node.Attribute("cats_int64s")?.Ints.Count ?? 0, c.Node.Attribute("cats_strings")?.Strings.Count ?? 0);
        c.Out(0, DataType.Float, [.. c.Shape(0), categories]);
    }
}
