using System.Globalization;
using System.Text.Json;
using SampleApp;

string folder = Path.Combine(AppContext.BaseDirectory, "Models", "fashion");
string floatModel = Path.Combine(folder, "fashion-mobilenet.onnx");
string quantizedModel = Path.Combine(folder, "fashion-mobilenet.haq.onnx");
if (!File.Exists(quantizedModel))
{
    Console.Error.WriteLine("There is no quantized model: the project was built with HaqEnabled=false.");
    return 1;
}

var images = IdxFile.Read(Path.Combine(folder, "evaluation-images-idx3-ubyte.gz"));
var labels = IdxFile.Read(Path.Combine(folder, "evaluation-labels-idx1-ubyte.gz"));
using var original = new Classifier(floatModel);
using var quantized = new Classifier(quantizedModel);
using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "fashion-mobilenet.haq.report.json")));
var facts = report.RootElement;

Print($"Fashion-MNIST, {images.Shape[0]:N0} evaluation images");
Print($"                        float      quantized");
Print($"  top-1               {original.Top1(images, labels),7:F2} %    {quantized.Top1(images, labels),7:F2} %");
Print($"  model file        {Kilobytes(floatModel),8:N0} kB   {Kilobytes(quantizedModel),8:N0} kB");
Print($"");
Print($"Simulated on {facts.GetProperty("hardware").GetProperty("name").GetString()}");
Print($"                    all at 8 bit   quantized");
Print($"  latency           {Cost("costAt8Bit", "latencyMs"),9:F4} ms {Cost("cost", "latencyMs"),9:F4} ms   {Cost("cost", "latencyMs") / Cost("costAt8Bit", "latencyMs"):F2}x");
Print($"  parameters        {Cost("costAt8Bit", "sizeBytes") / 1e3,9:N0} kB {Cost("cost", "sizeBytes") / 1e3,9:N0} kB   {Cost("cost", "sizeBytes") / Cost("costAt8Bit", "sizeBytes"):F2}x");
Print($"");
Print($"Report: {Path.Combine(folder, "fashion-mobilenet.haq.report.html")}");
return 0;

double Cost(string of, string what) => facts.GetProperty(of).GetProperty(what).GetDouble();
static double Kilobytes(string file) => new FileInfo(file).Length / 1e3;
static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
