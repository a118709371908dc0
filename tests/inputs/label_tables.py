"""Label tables as people and programs write them; in each, the images have the labels of `IMAGES`."""

from __future__ import annotations

from tests.inputs.example import Example

TITLE = "Label tables"
INTRODUCTION = (
    "`label PROJECT --csv FILE`, or “Import labels from a table…” in the window. The form is recognised by "
    "how the file is built, and columns by their titles and what stands in them; where that is unclear, "
    "name them: `--columns IMAGE,LABEL`. An image is found by its path, by the longest end of a path that "
    "only one image has, or by its name without the ending. Where training and test images share names, a "
    "table speaks of the training images; `--split test` says otherwise. In the examples the project has "
    "the images `0001.jpg`, `0002.jpg`, `0003.jpg` and `photo 4.jpg`."
)
IMAGES = {"0001.jpg": "cat", "0002.jpg": "dog", "0003.jpg": "cat", "photo 4.jpg": "dog"}
"""The images of the project and their right labels."""

UNDERSTOOD = (
    Example(
        "A table of a spreadsheet", """\
path;label;note
0001.jpg;cat;
0002.jpg;dog;at home
0003.jpg;cat;
photo 4.jpg;dog;
""",
        "Commas, semicolons, tabs and bars separate cells; other columns are not used.",
    ),
    Example(
        "Without titles, label first", """\
cat,0001.jpg
dog,0002.jpg
cat,0003.jpg
dog,photo 4.jpg
""",
        "The column whose cells name images is the one of the images.",
    ),
    Example(
        "Ids without ending", """\
id,breed
0001,cat
0002,dog
0003,cat
photo 4,dog
""",
        "An id is the name of the image without its ending.",
    ),
    Example(
        "More columns", """\
image_name,patient_id,sex,target
0001,P1,f,cat
0002,P1,m,dog
0003,P2,f,cat
photo 4,P2,f,dog
""",
        "The title `target` means the label.",
    ),
    Example(
        "Numbers and names of classes", """\
image_id,label,label_name
0001,0,cat
0002,1,dog
0003,0,cat
photo 4,1,dog
""",
        "The names are the labels, which is said.",
    ),
    Example(
        "One column a class", """\
image,cat,dog
0001,1.0,0.0
0002,0.0,1.0
0003,1.0,0.0
photo 4,0.0,1.0
""",
        "The title of the column with a 1 is the label; a row without a 1 has none.",
    ),
    Example(
        "Paths of another computer", """\
path,label
C:\\Users\\ana\\0001.jpg,cat
/home/ana/0002.jpg,dog
file:///D:/fotos/0003.jpg,cat
s3://bucket/fotos/photo%204.jpg,dog
""",
        "The longest end of the path that only one image has decides.",
    ),
    Example(
        "A list of paths and labels", """\
0001.jpg cat
0002.jpg dog
0003.jpg cat
photo 4.jpg dog
""",
        "What follows the ending of the image, or else the last word, is the label.",
    ),
    Example(
        "Label Studio, CSV", """\
annotation_id,annotator,choice,id,image,lead_time
1,1,cat,11,/data/upload/1/1f2e3d4c-0001.jpg,2.1
2,1,dog,12,/data/upload/1/5f2e3d4c-0002.jpg,2.1
3,1,cat,13,/data/local-files/?d=fotos/0003.jpg,2.1
4,1,dog,14,/data/upload/1/6f2e3d4c-photo_4.jpg,2.1
""",
        "The eight digits before the name are from the upload; files of a folder stand behind `?d=`.",
    ),
    Example(
        "Label Studio, JSON", """\
[{"id": 1, "data": {"image": "/data/upload/1/1f2e3d4c-0001.jpg"},
  "annotations": [{"result": [{"type": "choices", "value": {"choices": ["cat"]}}]}]},
 {"id": 2, "data": {"image": "/data/local-files/?d=fotos/0002.jpg"},
  "annotations": [{"result": [{"type": "choices", "value": {"choices": ["dog"]}}]}]},
 {"id": 3, "data": {"image": "s3://fotos/0003.jpg"}, "annotations": [{"was_cancelled": true, "result": []},
  {"result": [{"value": {"choices": ["cat"]}}]}]},
 {"id": 4, "data": {"image": "/data/upload/1/2f2e3d4c-photo_4.jpg"},
  "annotations": [{"result": [{"type": "choices", "value": {"choices": ["dog"]}}]}]}]
""",
        "Skipped annotations are not used; of several the last one counts, which is said.",
    ),
    Example(
        "Label Studio, JSON-MIN", """\
[{"image": "/data/upload/1/1f2e3d4c-0001.jpg", "id": 1, "choice": "cat"},
 {"image": "/data/upload/1/1f2e3d4d-0002.jpg", "id": 2, "choice": "dog"},
 {"image": "/data/upload/1/1f2e3d4e-0003.jpg", "id": 3, "choice": "cat"},
 {"image": "/data/upload/1/1f2e3d4f-photo_4.jpg", "id": 4, "choice": "dog"}]
""",
        "A list of objects is read as a table with a column for each name.",
    ),
    Example(
        "CVAT for images", """\
<annotations>
<image id="0" name="fotos/0001.jpg" width="96" height="72"><tag label="cat" source="manual"/></image>
<image id="1" name="fotos/0002.jpg"><tag label="dog"/></image>
<image id="2" name="fotos/0003.jpg"><box label="cat" xtl="1" ytl="1" xbr="9" ybr="9"/>
  <box label="cat" xtl="20" ytl="1" xbr="30" ybr="9"/></image>
<image id="3" name="fotos/photo 4.jpg"><tag label="dog"/></image>
</annotations>
""",
        "The tag is the label; of an image without a tag the one label that all its shapes have.",
    ),
    Example(
        "VoTT, CSV", """\
"image","xmin","ymin","xmax","ymax","label"
"0001.jpg",1,1,9,9,"cat"
"0001.jpg",20,1,30,9,"cat"
"0002.jpg",1,1,9,9,"dog"
"0003.jpg",1,1,9,9,"cat"
"photo 4.jpg",1,1,9,9,"dog"
""",
        "Several boxes are one label if they all have the same.",
    ),
    Example(
        "VoTT, JSON", """\
{"name": "pets", "assets": {
"a1": {"asset": {"name": "0001.jpg", "path": "file:C:/fotos/0001.jpg"}, "regions": [{"tags": ["cat"]},
  {"tags": ["cat"]}]},
"a2": {"asset": {"name": "0002.jpg", "path": "file:C:/fotos/0002.jpg"}, "regions": [{"tags": ["dog"]}]},
"a3": {"asset": {"name": "0003.jpg", "path": "file:C:/fotos/0003.jpg"}, "regions": [{"tags": ["cat"]}]},
"a4": {"asset": {"name": "photo%204.jpg", "path": "file:C:/fotos/photo%204.jpg"},
  "regions": [{"tags": ["dog"]}]}}}
""",
        "As in its CSV.",
    ),
    Example(
        "Lightly, CSV", """\
filenames,embedding_0,embedding_1,labels
0001.jpg,0.12,0.5,cat
0002.jpg,0.31,0.25,dog
0003.jpg,0.11,0.5,cat
photo 4.jpg,0.3,0.125,dog
""",
        "Embeddings are not used.",
    ),
    Example(
        "fastai", """\
fname,labels,is_valid
0001.jpg,cat,False
0002.jpg,dog,False
0003.jpg,cat,True
photo 4.jpg,dog,True
""",
        "All rows are labels of images of the project; `is_valid` is not used.",
    ),
    Example(
        "AutoML and Vertex AI, CSV", """\
TRAIN,gs://bucket/fotos/0001.jpg,cat
TRAIN,gs://bucket/fotos/0002.jpg,dog
VALIDATION,gs://bucket/fotos/0003.jpg,cat
TEST,gs://bucket/fotos/photo 4.jpg,dog
""",
        "TRAIN, VALIDATION and TEST are not used.",
    ),
    Example(
        "Vertex AI, JSON lines", """\
{"imageGcsUri": "gs://b/0001.jpg", "classificationAnnotation": {"displayName": "cat"}}
{"imageGcsUri": "gs://b/0002.jpg", "classificationAnnotation": {"displayName": "dog"}}
{"imageGcsUri": "gs://b/0003.jpg", "classificationAnnotation": {"displayName": "cat"}}
{"imageGcsUri": "gs://b/photo 4.jpg", "classificationAnnotation": {"displayName": "dog"}}
""",
        "Objects in objects are columns, too.",
    ),
    Example(
        "Hugging Face, metadata.jsonl", """\
{"file_name": "0001.jpg", "label": "cat"}
{"file_name": "0002.jpg", "label": "dog"}
{"file_name": "0003.jpg", "label": "cat"}
{"file_name": "photo 4.jpg", "label": "dog"}
""",
        "One object a line.",
    ),
    Example(
        "SageMaker Ground Truth, manifest", """\
{"source-ref": "s3://b/0001.jpg", "pets": 0, "pets-metadata": {"class-name": "cat", "confidence": 0.9}}
{"source-ref": "s3://b/0002.jpg", "pets": 1, "pets-metadata": {"class-name": "dog", "confidence": 0.9}}
{"source-ref": "s3://b/0003.jpg", "pets": 0, "pets-metadata": {"class-name": "cat", "confidence": 0.9}}
{"source-ref": "s3://b/photo 4.jpg", "pets": 1, "pets-metadata": {"class-name": "dog", "confidence": 0.9}}
""",
        "The label is the name of the class.",
    ),
    Example(
        "Azure Custom Vision, JSON", """\
[{"id": "7a", "originalImageUri": "https://x/0001.jpg?sv=1", "tags": [{"tagId": "1", "tagName": "cat"}]},
 {"id": "7b", "originalImageUri": "https://x/0002.jpg", "tags": [{"tagName": "dog"}]},
 {"id": "7c", "originalImageUri": "https://x/0003.jpg", "tags": [{"tagName": "cat"}]},
 {"id": "7d", "originalImageUri": "https://x/photo%204.jpg", "tags": [{"tagName": "dog"}]}]
""",
        "The name of the tag is the label.",
    ),
    Example(
        "COCO, JSON", """\
{"images": [{"id": 1, "file_name": "0001.jpg"}, {"id": 2, "file_name": "0002.jpg"},
 {"id": 3, "file_name": "0003.jpg"}, {"id": 4, "file_name": "photo 4.jpg"}],
"annotations": [{"image_id": 1, "category_id": 5}, {"image_id": 2, "category_id": 6}, {"image_id": 3,
  "category_id": 5},
 {"image_id": 4, "category_id": 6}, {"image_id": 4, "category_id": 6}],
"categories": [{"id": 5, "name": "cat"}, {"id": 6, "name": "dog"}]}
""",
        "The one category that all objects of an image have is its label.",
    ),
    Example(
        "Datumaro, JSON", """\
{"categories": {"label": {"labels": [{"name": "cat"}, {"name": "dog"}]}}, "items": [
{"id": "0001", "annotations": [{"type": "label", "label_id": 0}], "image": {"path": "0001.jpg"}},
{"id": "0002", "annotations": [{"type": "label", "label_id": 1}]},
{"id": "0003", "annotations": [{"type": "label", "label_id": 0}]},
{"id": "photo 4", "annotations": [{"type": "label", "label_id": 1}]}]}
""",
        "Ids are names without ending.",
    ),
    Example(
        "FiftyOne, JSON", """\
{"classes": ["cat", "dog"], "labels": {"0001": 0, "0002": 1, "0003": 0, "photo 4": 1}}
""",
        "Numbers are places in the list of classes.",
    ),
    Example(
        "VGG Image Annotator, JSON", """\
{"0001.jpg99": {"filename": "0001.jpg", "size": 99, "regions": [], "file_attributes": {"class": "cat"}},
"0002.jpg99": {"filename": "0002.jpg", "size": 99, "regions": [], "file_attributes": {"class": "dog"}},
"0003.jpg99": {"filename": "0003.jpg", "size": 99, "regions": [], "file_attributes": {"class": "cat"}},
"photo 4.jpg99": {"filename": "photo 4.jpg", "size": 99, "regions": [], "file_attributes": {"class": "dog"}}}
""",
        "The attribute of the file is the label.",
    ),
    Example(
        "Names and labels in JSON", """\
{"0001.jpg": "cat", "0002.jpg": "dog", "0003.jpg": "cat", "photo 4.jpg": "dog"}
""",
        "Or the other way round: `{\"cat\": [\"0001.jpg\", \"0003.jpg\"], …}`.",
    ),
)
REFUSED = (
    Example(
        "Several labels an image", """\
image,tags
0001,cat dog
0002,dog
0003,cat
photo 4,dog
""",
        "Refused: “1 of 4 rows of the table have several labels”. An image has one label here.",
    ),
    Example(
        "One column a class, with several", """\
image,cat,dog
0001,1,1
0002,0,1
0003,1,0
photo 4,0,1
""",
        "Refused: “1 of 4 rows of the table have several labels”.",
    ),
    Example(
        "Columns that nobody can tell apart", """\
image,species,breed
0001,cat,siamese
0002,dog,poodle
0003,cat,persian
photo 4,dog,poodle
""",
        "Refused: “It is unclear which columns of the table hold image and label”, with the titles, "
        "until they are named: `--columns image,species`.",
    ),
    Example(
        "Predictions", """\
path,prediction,confidence
0001.jpg,cat,0.9
0002.jpg,dog,0.8
0003.jpg,cat,0.7
photo 4.jpg,dog,0.9
""",
        "Refused: “The table holds predictions, not labels”.",
    ),
    Example(
        "Probabilities", """\
id,cat,dog
0001,0.9,0.1
0002,0.2,0.8
0003,0.75,0.25
photo 4,0.1,0.9
""",
        "Refused: “The table holds probabilities, one column per class, not labels”.",
    ),
)
EXAMPLES = UNDERSTOOD + REFUSED
